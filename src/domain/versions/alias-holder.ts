import { statement } from "../../ports/statement.ts";

type Holder = { fixed: boolean; id: string; number: number };

export const aliasHolder = statement<{ key: string }, Holder>("find-alias-holder");
