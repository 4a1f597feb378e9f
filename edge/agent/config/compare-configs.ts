import { isDeepStrictEqual } from 'node:util';
import type { CameraConfig, EdgeConfig } from './read-config.ts';

/** What a new configuration means for the cameras, by their ids. One whose password changed has changed. */
export interface CameraChanges {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

export function compareCameras(before: readonly CameraConfig[], after: readonly CameraConfig[]): CameraChanges {
  const old = new Map(before.map((camera) => [camera.id, camera]));
  const ids = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    changed: after
      .filter((camera) => old.has(camera.id) && !isDeepStrictEqual(old.get(camera.id), camera))
      .map(({ id }) => id),
    removed: before.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
  };
}

/** Sections that differ and that an agent takes up at its start only: everything but the cameras. */
export function sectionsForRestart(before: EdgeConfig, after: EdgeConfig): string[] {
  const sections = Object.keys({ ...before, ...after }) as (keyof EdgeConfig)[];
  return sections.filter((name) => name !== 'cameras' && !isDeepStrictEqual(before[name], after[name]));
}
