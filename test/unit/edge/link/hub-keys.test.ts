import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHubKeys } from '@dipper/edge/link/hub-keys';
import { expect, test } from 'vitest';
import { createHubSigner } from '../../../support/hub-signer.ts';
import { temporaryFolder } from '../../../support/open-outbox.ts';

const TYPE = 'anything+jws';

function keyFile(content: string): string {
  const path = join(temporaryFolder(), 'hub-key');
  writeFileSync(path, content);
  return path;
}

const hub = createHubSigner();
const successor = createHubSigner();

test.each([
  ['PEM', `${hub.publicPem}${successor.publicPem}`],
  ['a JWK set', JSON.stringify({ keys: [hub.publicJwk, successor.publicJwk] })],
])('two keys in %s: both sign, a third does not', async (_, content) => {
  const keys = await readHubKeys(keyFile(content));
  for (const signer of [hub, successor]) {
    expect(await keys.open(await signer.sign({ a: 1 }, { typ: TYPE }), TYPE)).toEqual({ a: 1 });
  }
  const stranger = createHubSigner().sign({ a: 1 }, { typ: TYPE });
  await expect(keys.open(await stranger, TYPE)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});

test('one JWK, as the hub writes it', async () => {
  const keys = await readHubKeys(keyFile(JSON.stringify(hub.publicJwk)));
  expect(await keys.open(await hub.sign({ a: 1 }, { typ: TYPE }), TYPE)).toEqual({ a: 1 });
});

const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
test.each([
  ['nothing', ''],
  ['half a JSON', '{"kty":'],
  ['a key of another kind', rsa.export({ format: 'pem', type: 'spki' }).toString()],
])('a file with %s is refused by name', async (_, content) => {
  const path = keyFile(content);
  await expect(readHubKeys(path)).rejects.toMatchObject({
    code: 'HUB_KEY_INVALID',
    message: expect.stringContaining(path),
  });
});

test('a file that is not there is refused by name', async () => {
  await expect(readHubKeys('/nowhere/hub.jwk')).rejects.toMatchObject({ code: 'HUB_KEY_INVALID' });
});
