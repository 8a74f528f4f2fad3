import type { CheckpointStore, Journal } from "../../contracts/checkpoint-store.js";
import type { LeaseWish } from "../take-lease.js";
import type { LeaseKeeper } from "./lease-keeper.js";
import type { CrewView } from "./view.js";

/** What the rooms of one member share. */
export interface Member {
  readonly store: CheckpointStore;
  readonly journal: Journal;
  readonly view: CrewView;
  readonly keeper: LeaseKeeper;
  readonly wish: LeaseWish;
}
