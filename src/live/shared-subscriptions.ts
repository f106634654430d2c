import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  getVariableValues,
  Kind,
  print,
  type VariableNode,
  visit,
} from "graphql";
import type { ErrorLog } from "../domain/core/errors.ts";
import { contextOf } from "../graphql/context.ts";
import { canonicalJson } from "../lib/canonical-json.ts";
import { closableIterator } from "../lib/closable-iterator.ts";
import type { Event } from "../model/event.ts";
import { createEventRenderer, type RenderedEvent } from "./render-event.ts";

/** Begins a subscription, which tells some events at once; an `ExecutionResult` with errors when it is refused. */
export type Subscribe = (args: ExecutionArgs) => Promise<AsyncGenerator<RenderedEvent[], void> | ExecutionResult>;

/**
 * What is kept of what was told for others who ask the same, who follow live and are told the newest at about the same time: bytes of single events,
 * and lists as they are handed out.
 */
const most = { bytes: 1_048_576, lists: 4 };

/** Some events as a channel tells them. */
type RenderedEvents = RenderedEvent[] | Promise<RenderedEvent[]>;

/** Those who ask the same, and what they were told since something new happened last: by the events' numbers, and of lists that many are handed. */
type Channel = {
  readers: number;
  head: number;
  told: Map<number, RenderedEvent | Promise<RenderedEvent>>;
  bytes: number;
  lists: Map<readonly Event[], RenderedEvents>;
};

/** Keeps what was told, and lets go of the oldest where that is too much. */
function keep(channel: Channel, seq: number, it: RenderedEvent): void {
  channel.told.set(seq, it);
  channel.bytes += it.json.length;
  for (const [oldest, kept] of channel.told) {
    if (channel.bytes <= most.bytes) return;
    channel.told.delete(oldest);
    channel.bytes -= "json" in kept ? kept.json.length : 0;
  }
}

/** Forgets what was told before something new happened. */
function renew(channel: Channel, head: number): void {
  if (channel.head === head) return;
  channel.told.clear();
  channel.lists.clear();
  channel.head = head;
  channel.bytes = 0;
}

/** A document without the arguments of its root fields: they say which events are told, not what is told of one. */
function withoutRoot(document: DocumentNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return node;
      const selections = node.selectionSet.selections.map((item) =>
        item.kind === Kind.FIELD ? { ...item, arguments: [] } : item,
      );
      return { ...node, variableDefinitions: [], selectionSet: { ...node.selectionSet, selections } };
    }),
  };
}

/** What makes two subscriptions tell the same of an event. */
function channelName(args: ExecutionArgs): string {
  const document = withoutRoot(args.document);
  const operation = getOperationAST(args.document, args.operationName);
  // With their defaults, which differ between documents that are the same otherwise.
  const { coerced } = getVariableValues(args.schema, operation?.variableDefinitions ?? [], args.variableValues ?? {});
  const used: Record<string, unknown> = {};
  const note = ({ name }: VariableNode) => {
    used[name.value] = coerced?.[name.value];
  };
  visit(document, { [Kind.VARIABLE]: note });
  return canonicalJson([print(document), args.operationName ?? null, used, contextOf(args).actor]);
}

/** The channels that somebody reads, by their names. */
function createChannels() {
  const channels = new Map<string, Channel>();
  return {
    join: (name: string) => {
      const channel = channels.get(name) ?? { readers: 0, head: 0, told: new Map(), bytes: 0, lists: new Map() };
      channel.readers += 1;
      channels.set(name, channel);
      const leave = (): void => {
        channel.readers -= 1;
        if (!channel.readers) channels.delete(name);
      };
      return { channel, leave };
    },
  };
}

/**
 * Subscriptions over a schema. Those that ask the same, by the same actor, share the telling of an event as long as nothing new has happened, so that a
 * thousand dashboards cost the graph what one does.
 */
export function createSubscribe(log: ErrorLog): Subscribe {
  const channels = createChannels();
  const tell = createEventRenderer(log);

  const shared = (channel: Channel, args: ExecutionArgs, event: Event): RenderedEvent | Promise<RenderedEvent> => {
    const known = channel.told.get(event.seq);
    if (known !== undefined) return known;
    const telling = tell(args, event).then((it) => {
      if (channel.told.get(event.seq) === telling) keep(channel, event.seq, it);
      return it;
    });
    channel.told.set(event.seq, telling);
    return telling;
  };
  const tellAll = (channel: Channel, args: ExecutionArgs, events: Event[]): RenderedEvents => {
    if (channel.readers === 1) return Promise.all(events.map((event) => tell(args, event)));
    renew(channel, contextOf(args).tail.head());
    const known = channel.lists.get(events);
    if (known !== undefined) return known;
    const told = events.map((event) => shared(channel, args, event));
    const all = told.every((it): it is RenderedEvent => "json" in it) ? told : Promise.all(told);
    channel.lists.set(events, all);
    const [oldest = events] = channel.lists.keys();
    if (channel.lists.size > most.lists) channel.lists.delete(oldest);
    return all;
  };

  return async (args) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source[Symbol.asyncIterator]() as AsyncGenerator<Event[], void>;
    const { channel, leave } = channels.join(channelName(args));
    const next = async () => {
      const some = await events.next();
      return some.done ? null : tellAll(channel, args, some.value);
    };
    return closableIterator(next, () => {
      leave();
      void events.return();
    });
  };
}
