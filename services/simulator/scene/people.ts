import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GROUP_PHOTO, PEOPLE_IN_GROUP_PHOTO, portraitsFromGroupPhoto } from './group-photo.ts';
import { fetchPackagedFile } from './npm-tarball.ts';
import type { Portrait } from './portrait.ts';
import { listPortraits, readPortrait } from './portrait-folder.ts';

/** Who walks through the scene. */
export interface People {
  /** Changes when other people walk. */
  readonly key: string;
  readonly count: number;
  /** @throws SimulatorError SCENE_PICTURES_UNAVAILABLE */
  load(): Promise<readonly Portrait[]>;
}

/** The three people of the group photograph, fetched from npm when first needed. @param folder where the photograph is kept */
export function peopleOfGroupPhoto(folder: string, signal: AbortSignal, onProgress: (message: string) => void): People {
  return {
    key: GROUP_PHOTO.integrity,
    count: PEOPLE_IN_GROUP_PHOTO,
    async load() {
      onProgress('Fetching pictures of people');
      return portraitsFromGroupPhoto(await fetchPackagedFile(GROUP_PHOTO, join(folder, 'group-photo.jpg'), signal));
    },
  };
}

/** People whose portraits lie in a folder. @throws SimulatorError SCENE_PICTURES_UNAVAILABLE */
export async function peopleOfFolder(folder: string): Promise<People> {
  const paths = await listPortraits(folder);
  const hash = createHash('sha256');
  for (const path of paths) hash.update(await readFile(path));
  return { key: hash.digest('hex'), count: paths.length, load: () => Promise.all(paths.map(readPortrait)) };
}
