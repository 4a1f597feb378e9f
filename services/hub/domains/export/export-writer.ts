import { createHash, type Hash } from 'node:crypto';
import type { ExportManifest } from '@dipper/contract/api/recording';

/** Notes what passes through it, as a manifest needs it. */
export interface ExportWriter {
  /** Notes a piece of the file; parts begin at key frames. */
  note(kind: 'init' | 'key' | 'delta', atMs: number, bytes: Uint8Array): void;
  finish(): Pick<ExportManifest, 'parts' | 'bytes' | 'sha256'> & { readonly firstAtMs: number | undefined };
}

/** A part is what one altered byte is found in: some ten seconds of pictures. */
const PART_MS = 10_000;

export function createExportWriter(): ExportWriter {
  const whole = createHash('sha256');
  const parts: ExportManifest['parts'] = [];
  let bytesSoFar = 0;
  let firstAtMs: number | undefined;
  let part: { readonly atMs: number | undefined; readonly offset: number; readonly hash: Hash } | undefined;

  function endPart(): void {
    if (part === undefined) return;
    const at = part.atMs === undefined ? null : new Date(part.atMs).toISOString();
    parts.push({ at, offset: part.offset, bytes: bytesSoFar - part.offset, sha256: part.hash.digest('hex') });
    part = undefined;
  }

  return {
    note(kind, atMs, bytes) {
      const isNew = part === undefined || (kind === 'key' && atMs - (part.atMs ?? Number.NEGATIVE_INFINITY) >= PART_MS);
      if (isNew) {
        endPart();
        part = { atMs: kind === 'init' ? undefined : atMs, offset: bytesSoFar, hash: createHash('sha256') };
      }
      if (kind !== 'init') firstAtMs ??= atMs;
      part?.hash.update(bytes);
      whole.update(bytes);
      bytesSoFar += bytes.byteLength;
    },
    finish() {
      endPart();
      return { parts, bytes: bytesSoFar, sha256: whole.digest('hex'), firstAtMs };
    },
  };
}
