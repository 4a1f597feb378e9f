import type { SequenceRange } from '@dipper/contract/receipts';

/** Sequences as sorted ranges that neither touch nor overlap; both ends belong to a range. */
export type SequenceRanges = readonly SequenceRange[];

/** Reads PostgreSQL's text of an int8multirange, e.g. `{[1,4),[7,8)}`, whose upper ends do not belong to it. */
export function rangesFromMultirange(text: string): SequenceRange[] {
  const ranges: SequenceRange[] = [];
  for (const [, lower, upper] of text.matchAll(/\[(\d+),(\d+)\)/g)) ranges.push([Number(lower), Number(upper) - 1]);
  return ranges;
}

/** The text that PostgreSQL reads as an int8multirange. */
export function multirangeFrom(ranges: SequenceRanges): string {
  return `{${ranges.map(([first, last]) => `[${first},${last}]`).join(',')}}`;
}

/** Ranges of sequences in any order, repeated or not. */
export function rangesFrom(sequences: Iterable<number>): SequenceRange[] {
  const ranges: SequenceRange[] = [];
  for (const sequence of [...sequences].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && sequence <= last[1] + 1) last[1] = Math.max(last[1], sequence);
    else ranges.push([sequence, sequence]);
  }
  return ranges;
}

/** Whether a sequence lies in the ranges, by bisection. */
export function hasSequence(ranges: SequenceRanges, sequence: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = ranges[middle] as SequenceRange;
    if (sequence < first) high = middle - 1;
    else if (sequence > last) low = middle + 1;
    else return true;
  }
  return false;
}
