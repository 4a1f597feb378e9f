import type { ParseArgsOptionsConfig } from 'node:util';

/** One measurement of one side. */
export interface Sample {
  /** In the unit that the bench measures: events per second, milliseconds. */
  readonly value: number;
  /** What was done to come to it, e.g. rows per table. Both sides of a round must have done the same. */
  readonly work: string;
}

/** One of the two that are compared. */
export interface Side {
  /** How to run this side by hand. */
  readonly command: string;
  sample(round: number): Promise<Sample>;
}

export interface PreparedBench extends AsyncDisposable {
  /** What is ours. */
  readonly dipper: Side;
  /** What it is held against. */
  readonly reference: Side;
  /** What a reader needs besides the samples; asked for once, at the end. */
  detail?(): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** Why the two did not do the same after all, where that shows over all rounds only; asked for once, at the end. */
  unequal?(): string | undefined;
}

export interface BenchContext {
  /** Names the input: the same seed makes the same events. */
  readonly seed: number;
  readonly rounds: number;
  /** What the options of the bench were set to. */
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** What a file `NAME.bench.ts` exports as `bench`. */
export interface Bench {
  /** One sentence: what is measured against what. */
  readonly what: string;
  readonly unit: string;
  readonly goal: { readonly ratio: number; readonly is: 'at-least' | 'at-most' };
  /** Options of its own, besides `--seed`, `--rounds` and `--database`. */
  readonly options?: ParseArgsOptionsConfig;
  prepare(context: BenchContext): Promise<PreparedBench>;
  /** Median over median when absent. */
  ratio?(dipper: readonly number[], reference: readonly number[]): number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least this share of the values does not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
