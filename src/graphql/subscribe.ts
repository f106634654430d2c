import { setTimeout as pause } from "node:timers/promises";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
  print,
  type VariableNode,
  visit,
} from "graphql";
import { isUnavailable } from "../domain/errors.ts";
import { canonicalJson } from "../domain/json.ts";
import { mapped } from "../domain/mapped.ts";
import type { Event } from "../model/event.ts";
import { type Context, createContext } from "./context.ts";
import { causeOf } from "./errors.ts";

/** One event as a subscription asks for it, and the event's own cursor. */
export interface Told {
  result: ExecutionResult;
  cursor: string;
}

/** Milliseconds before an event is told again that couldn't be, because the graph was away. */
const again = 500;

/** Begins a subscription; an `ExecutionResult` with errors when it is refused. */
export type Subscribe = (args: ExecutionArgs) => Promise<AsyncGenerator<Told, void> | ExecutionResult>;

const contextOf = (args: ExecutionArgs): Context => args.contextValue as Context;

const isCutOff = ({ errors }: ExecutionResult): boolean =>
  errors?.some((error) => isUnavailable(causeOf(error))) === true;

/** Tells an event as things stand now; one that can't be told because the graph is away is told once it is back. */
const tell = async (args: ExecutionArgs, event: Event): Promise<ExecutionResult> => {
  const { deps, tail, upstreams, actor } = contextOf(args);
  for (;;) {
    const contextValue = createContext({ deps, tail, upstreams }, actor);
    const result = await execute({ ...args, rootValue: event, contextValue });
    if (!isCutOff(result) || tail.ended.aborted) return result;
    await pause(again);
  }
};

type Channel = { readers: number; head: number; results: Map<number, Promise<ExecutionResult>> };

/** A document without the arguments of its root fields: they say which events are told, not what is told of one. */
const withoutRoot = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    const selections = node.selectionSet.selections.map((item) =>
      item.kind === Kind.FIELD ? { ...item, arguments: [] } : item,
    );
    return { ...node, variableDefinitions: [], selectionSet: { ...node.selectionSet, selections } };
  }),
});

/** What makes two subscriptions tell the same of an event. */
const channelName = (args: ExecutionArgs): string => {
  const document = withoutRoot(args.document);
  const used: Record<string, unknown> = {};
  const note = ({ name }: VariableNode) => {
    used[name.value] = args.variableValues?.[name.value] ?? null;
  };
  visit(document, { [Kind.VARIABLE]: note });
  return canonicalJson([print(document), args.operationName ?? null, used, contextOf(args).actor]);
};

/**
 * Subscriptions over a schema. Those that ask the same, by the same actor, share the telling of an event as long as nothing new has happened, so that a
 * thousand dashboards cost the graph what one does.
 */
export const createSubscribe = (): Subscribe => {
  const channels = new Map<string, Channel>();

  const shared = (channel: Channel, args: ExecutionArgs, event: Event): Promise<ExecutionResult> => {
    const head = contextOf(args).tail.head();
    if (channel.head !== head) channel.results.clear();
    channel.head = head;
    const known = channel.results.get(event.seq) ?? tell(args, event);
    channel.results.set(event.seq, known);
    return known;
  };

  const join = (name: string): Channel => {
    const channel = channels.get(name) ?? { readers: 0, head: 0, results: new Map() };
    channel.readers += 1;
    channels.set(name, channel);
    return channel;
  };
  const leave = (name: string, channel: Channel): void => {
    channel.readers -= 1;
    if (!channel.readers) channels.delete(name);
  };

  return async (args) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source[Symbol.asyncIterator]() as AsyncIterator<Event, void>;
    const name = channelName(args);
    const channel = join(name);
    const told = async (event: Event): Promise<Told> => ({
      result: await shared(channel, args, event),
      cursor: event.cursor,
    });
    return mapped(events, told, () => leave(name, channel));
  };
};
