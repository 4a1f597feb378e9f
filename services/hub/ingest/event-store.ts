import type { TopicAddress } from '@dipper/contract/topics';
import type { Db } from '../database/pool.ts';
import { rangesFrom, type SequenceRanges } from '../database/sequence-set.ts';
import { writeBundle } from '../database/write-bundle.ts';
import { createChangeSet } from '../domains/change/change-set.ts';
import { eventInsertions, type NewEvent } from '../domains/event/event.repository.ts';
import { spanName, spansOf } from '../domains/event/event-span.ts';
import type { LateHours } from '../retention/late-hours.ts';
import { type AgentRegister, addressKey } from './agent-register.ts';
import { type DeadLetter, insertDeadLetters } from './dead-letter.repository.ts';
import { claimUnseen, type EpochGroup, epochKey } from './epoch-claim.ts';
import { type Element, refuseElement } from './handlers/events.handler.ts';
import type { Refusal } from './incoming.ts';

/** What may be receipted once the transaction has committed. */
export interface Stored {
  readonly address: TopicAddress;
  readonly epoch: string;
  readonly ranges: SequenceRanges;
}

export interface StoreOutcome {
  readonly stored: readonly Stored[];
  readonly events: Readonly<Record<string, number>>;
  readonly duplicates: number;
  readonly deadLetters: readonly Refusal[];
}

/**
 * Stores elements in one transaction: what has a position not seen before goes into its hypertable, or among the dead
 * letters, and its sequence into the set of those seen. That set is locked per epoch, so whatever arrives twice, even
 * at two copies of the hub, is stored once. Nothing is judged here.
 *
 * What comes under the name of an agent that was entered with another estate is dead letters, without a receipt. Its
 * sequences must not count as seen, for they would take those of the agent whose name it is; and its sender shall keep
 * events that are stored nowhere until somebody has corrected one of the two names.
 *
 * @returns what was committed, duplicates included: only now may it be receipted
 */
export async function storeElements(
  db: Db,
  register: AgentRegister,
  elements: readonly Element[],
  refusals: readonly Refusal[],
  now: Date,
  lateHours: LateHours,
): Promise<StoreOutcome> {
  return db.transaction().execute(async (tx) => {
    const changes = createChangeSet();
    const known = await register.enter(
      tx,
      changes,
      elements.map(({ address }) => address),
    );
    const isOwn = ({ address }: Element): boolean => known.has(addressKey(address));
    const own = elements.filter(isOwn);
    const groups = groupByEpoch(own);
    const letters: DeadLetter[] = [
      ...refusals.map((refusal) => ({ refusal, position: undefined })),
      ...lettersWithoutPosition(own),
      ...elements.filter((element) => !isOwn(element)).map(foreignLetter),
    ];
    const claim = await claimUnseen(tx, groups, now);
    const fresh = claim.groups.flatMap((group) => group.fresh);
    for (const group of claim.groups) {
      for (const span of spansOf(group.address.agent, group.epoch, eventsOf(group.fresh))) {
        changes.created('event', spanName(span));
      }
    }

    const events: Record<string, number> = {};
    const inserts = fresh.flatMap(({ content }) => ('event' in content ? [content] : []));
    for (const { retention } of inserts) events[retention] = (events[retention] ?? 0) + 1;
    letters.push(
      ...fresh.flatMap(({ content, position }) =>
        'refusal' in content ? [{ refusal: content.refusal, position }] : [],
      ),
    );
    await insertDeadLetters(tx, changes, letters, new Set(elements.map(({ address }) => address.agent)));
    const writes = [claim.entry, ...eventInsertions(inserts), changes.insertion(now)];
    await writeBundle(
      tx,
      writes.filter((write) => write !== undefined),
    );
    await lateHours.mark(tx, inserts, now);

    const positioned = groups.reduce((sum, group) => sum + group.bySequence.size, 0);
    return {
      stored: groups.map(({ address, epoch, bySequence }) => ({
        address,
        epoch,
        ranges: rangesFrom(bySequence.keys()),
      })),
      events,
      duplicates: positioned - fresh.length,
      deadLetters: letters.map(({ refusal }) => refusal),
    };
  });
}

function groupByEpoch(elements: readonly Element[]): EpochGroup[] {
  const groups = new Map<string, EpochGroup & { readonly bySequence: Map<number, Element> }>();
  for (const element of elements) {
    if (element.position === undefined) continue;
    const { epoch, sequence } = element.position;
    const key = epochKey(element.address.agent, epoch);
    let group = groups.get(key);
    if (group === undefined) {
      group = { address: element.address, epoch, bySequence: new Map() };
      groups.set(key, group);
    }
    if (!group.bySequence.has(sequence)) group.bySequence.set(sequence, element);
  }
  return [...groups.values()];
}

function eventsOf(elements: readonly Element[]): NewEvent[] {
  return elements.flatMap(({ content }) => ('event' in content ? [content.event] : []));
}

function lettersWithoutPosition(elements: readonly Element[]): DeadLetter[] {
  return elements.flatMap(({ content, position }) =>
    position === undefined && 'refusal' in content ? [{ refusal: content.refusal, position }] : [],
  );
}

function foreignLetter(element: Element): DeadLetter {
  const { content, position } = refuseElement(element, 'TOPIC_UNKNOWN');
  return { refusal: content.refusal, position };
}
