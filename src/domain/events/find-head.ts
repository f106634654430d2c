import type { ServiceContext } from "../core/context.ts";
import { toCursor } from "./load-events.ts";

/** Finds the cursor of the end of the log: every event that has committed before the call comes before it. */
export async function findHead({ services }: ServiceContext<"eventLog">): Promise<string> {
  return toCursor(await services.eventLog.flush());
}
