import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FfmpegError } from './errors.ts';
import { fetchStaticFfmpeg, findStaticPath } from './fetch-static.ts';
import { installCommand, installFromDistribution, isDebianLike } from './install-from-distribution.ts';
import { probeFfmpeg } from './probe-ffmpeg.ts';

export interface FindFfmpegOptions {
  /** Read for FFMPEG_PATH and PATH, and handed to ffmpeg-static's install script (HTTPS_PROXY, FFMPEG_BINARIES_URL). */
  readonly env: NodeJS.ProcessEnv;
  /** One short sentence for whoever waits. */
  readonly onProgress?: (message: string) => void;
  /** Whether ffmpeg may be fetched or installed where there is none; without it only what is there is used. */
  readonly allowInstall?: boolean;
  readonly signal?: AbortSignal;
}

export interface FoundFfmpeg {
  readonly path: string;
  readonly version: string;
  readonly source: 'FFMPEG_PATH' | 'ffmpeg-static' | 'PATH' | 'distribution';
}

/**
 * Finds an ffmpeg of version 5 or later with H.264: FFMPEG_PATH (nothing else is tried when it is set), ffmpeg-static's
 * binary if it lies there, `ffmpeg` on the PATH, ffmpeg-static's binary fetched, and as root on Debian or Ubuntu the
 * distribution's package.
 *
 * @throws FfmpegError FFMPEG_UNSUITABLE when FFMPEG_PATH leads to something else; FFMPEG_MISSING, naming the one command
 *   to run, when there is none
 */
export async function findFfmpeg(options: FindFfmpegOptions): Promise<FoundFfmpeg> {
  const { env, signal, onProgress = () => undefined } = options;
  const chosen = env['FFMPEG_PATH'];
  if (chosen !== undefined && chosen !== '') {
    const probe = await probeFfmpeg(chosen);
    if (!probe.isSuitable) {
      throw new FfmpegError('FFMPEG_UNSUITABLE', `FFMPEG_PATH cannot be used: ${probe.reason}.`);
    }
    return { path: chosen, version: probe.version, source: 'FFMPEG_PATH' };
  }

  const reasons: string[] = [];
  const tryPath = async (path: string, source: FoundFfmpeg['source']): Promise<FoundFfmpeg | undefined> => {
    if (!existsSync(path)) return undefined;
    const probe = await probeFfmpeg(path);
    if (probe.isSuitable) return { path, version: probe.version, source };
    reasons.push(probe.reason);
    return undefined;
  };
  const tryAnyOf = async (paths: readonly string[], source: FoundFfmpeg['source']) => {
    for (const path of paths) {
      const found = await tryPath(path, source);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const staticPath = findStaticPath();
  const there =
    (staticPath && (await tryPath(staticPath, 'ffmpeg-static'))) || (await tryAnyOf(pathsOn(env['PATH']), 'PATH'));
  if (there) return there;

  if (options.allowInstall === true) {
    if (staticPath !== undefined) {
      onProgress('Fetching ffmpeg (about 80 MB, once)');
      try {
        const fetched = await fetchStaticFfmpeg(staticPath, { env, onProgress, signal });
        const found = await tryPath(fetched, 'ffmpeg-static');
        if (found !== undefined) return found;
      } catch (error) {
        signal?.throwIfAborted();
        reasons.push(`fetching it failed (${messageOf(error)})`);
        onProgress(`ffmpeg could not be fetched: ${messageOf(error)}`);
      }
    }
    if (process.getuid?.() === 0 && (await isDebianLike())) {
      try {
        await installFromDistribution({ onProgress, signal });
        const found = await tryAnyOf(pathsOn(env['PATH']), 'distribution');
        if (found !== undefined) return found;
      } catch (error) {
        signal?.throwIfAborted();
        reasons.push(`installing it failed (${messageOf(error)})`);
      }
    }
  }
  throw new FfmpegError('FFMPEG_MISSING', ['There is no usable ffmpeg', ...reasons].join('; ').concat('.'), {
    nextStep: `Run: ${await installCommand()} (or set FFMPEG_PATH to the binary of an ffmpeg 5 or later).`,
  });
}

function pathsOn(path: string | undefined): string[] {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
