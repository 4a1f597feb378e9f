import { MAX_KEPT_RANGES } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import type { SequenceRange } from '@dipper/contract/receipts';
import type { CommandHandlers } from './commands.ts';
import type { Outbox } from './outbox.ts';
import type { Sender } from './sender.ts';

/**
 * What a hub can ask of the outbox: events sent again that it had receipted, because it has dead-lettered them and knows
 * better now, or because it was restored from a backup. They go out as they did the first time, under the same epoch and
 * sequence, so whatever the hub has is stored once.
 */
export function createResendHandlers(
  outbox: Pick<Outbox, 'resend' | 'refill'>,
  sender: Pick<Sender, 'wake'>,
): CommandHandlers {
  return {
    async 'outbox.resend'({ epoch, ranges }) {
      const sequences = outbox.resend(epoch, ranges);
      if (sequences.length === 0) throw new DipperError('OUTBOX_NOTHING_KEPT');
      sender.wake();
      const kept = rangesOf(sequences);
      return { events: sequences.length, ...(kept.length <= MAX_KEPT_RANGES && { kept }) };
    },
    async 'outbox.refill'({ receiptedSince }) {
      const events = outbox.refill(Date.parse(receiptedSince));
      if (events === 0) throw new DipperError('OUTBOX_NOTHING_KEPT');
      sender.wake();
      return { events };
    },
  };
}

/** Sequences as ranges. There are at most as many as were asked for, plus one for each hole in what is kept. */
function rangesOf(sequences: readonly number[]): SequenceRange[] {
  const ranges: SequenceRange[] = [];
  for (const sequence of sequences.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && sequence === last[1] + 1) last[1] = sequence;
    else ranges.push([sequence, sequence]);
  }
  return ranges;
}
