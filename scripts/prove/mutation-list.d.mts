/** The text of a file of core as a mutation would have it; throws when it no longer fits. */
export function mutate(name: string, path: string, text: string): string;
