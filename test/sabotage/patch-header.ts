/** What stands above the diff in every file of this folder. */
export interface PatchHeader {
  /** The promise that the patch breaks, in words. */
  readonly breaks: string;
  /** Test file that must turn red. */
  readonly test: string;
  /** Regular expression for the names of its tests; all of them when absent. */
  readonly only: string | undefined;
}

/**
 * Reads the lines `breaks: …`, `test: …` and optionally `only: …` before the first `diff --git`.
 * @throws Error naming the file when one is missing
 */
export function readPatchHeader(file: string, text: string): PatchHeader {
  const head = text.slice(0, text.indexOf('diff --git'));
  const field = (name: string): string | undefined => head.match(new RegExp(`^${name}: (.+)$`, 'm'))?.[1]?.trim();
  const breaks = field('breaks');
  const test = field('test');
  if (!text.includes('diff --git') || breaks === undefined || test === undefined) {
    throw new Error(`${file}: needs 'breaks: …' and 'test: …' above its diff`);
  }
  return { breaks, test, only: field('only') };
}
