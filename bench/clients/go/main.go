// Go alibabacloud-oss-go-sdk-v2: Uploader for one file, PutObjectFromFile for small ones. CRC is on, as by default.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
)

type config struct {
	Endpoint, Bucket, Key, File, Directory, State string
	Size, PartSize                                int64
	Count, Concurrency, Repetitions               int
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// peakMiB is the kernel's own line: getrusage would start at the parent's peak.
func peakMiB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			kib, _ := strconv.ParseFloat(strings.Fields(line)[1], 64)
			return kib / 1024
		}
	}
	return 0
}

func small(ctx context.Context, client *oss.Client, c config) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	failed := make(chan error, c.Concurrency)
	for range c.Concurrency {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= c.Count {
					return
				}
				name := fmt.Sprintf("%05d.bin", i)
				request := &oss.PutObjectRequest{Bucket: oss.Ptr(c.Bucket), Key: oss.Ptr(c.Key + "/" + name)}
				if _, err := client.PutObjectFromFile(ctx, request, filepath.Join(c.Directory, name)); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	wait.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func upload(ctx context.Context, client *oss.Client, c config, key string) error {
	if c.Directory != "" {
		return small(ctx, client, c)
	}
	uploader := oss.NewUploader(client, func(o *oss.UploaderOptions) {
		if c.PartSize > 0 {
			o.PartSize = c.PartSize
		}
		if c.Concurrency > 0 {
			o.ParallelNum = c.Concurrency
		}
		if c.State != "" {
			o.EnableCheckpoint, o.CheckpointDir = true, c.State
		}
	})
	_, err := uploader.UploadFile(ctx, &oss.PutObjectRequest{Bucket: oss.Ptr(c.Bucket), Key: oss.Ptr(key)}, c.File)
	return err
}

func main() {
	c := config{Count: 1, Repetitions: 1}
	if err := json.Unmarshal([]byte(os.Args[1]), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	client := oss.NewClient(oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider("ak", "sk")).
		WithRegion("cn-hangzhou").WithEndpoint(c.Endpoint).WithUsePathStyle(true))
	cpu, start := cpuSeconds(), time.Now()
	for i := range c.Repetitions {
		key := c.Key
		if c.Repetitions > 1 {
			key = fmt.Sprintf("%s-%d", c.Key, i)
		}
		if err := upload(context.Background(), client, c, key); err != nil {
			line, _ := json.Marshal(map[string]string{"error": err.Error()[:min(300, len(err.Error()))]})
			fmt.Println(string(line))
			os.Exit(1)
		}
	}
	line, _ := json.Marshal(map[string]any{
		"startedAt":  start.UnixMilli(),
		"seconds":    time.Since(start).Seconds(),
		"cpuSeconds": cpuSeconds() - cpu,
		"maxRssMiB":  peakMiB(),
		"bytes":      c.Size * int64(c.Count) * int64(c.Repetitions),
	})
	fmt.Println(string(line))
}
