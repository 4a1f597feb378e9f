import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO } from './demo-files.ts';

const KEY_BYTES = 32;
const PATIENCE_MS = 10_000;

/** The key under which the demo's edge knows credentials, as either side reads it. Made at the first start. */
export function provideCredentialKey(secretsDir: string): { readonly edgeFile: string; readonly hubFile: string } {
  const [edgeFile, hubFile] = [join(secretsDir, 'edge-credential.key'), join(secretsDir, 'credential-keys')];
  if (!existsSync(edgeFile)) {
    writeFileSync(edgeFile, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const key = readFileSync(edgeFile, 'utf8').trim();
  writeFileSync(hubFile, `${DEMO.estate}/${DEMO.agent}:${key}\n`, { mode: 0o600 });
  return { edgeFile, hubFile };
}

const POINT = 'lanting-service-way-in';
/** The simulator's vehicle drives up with this plate. */
const PLATE = '京A12345';

/**
 * Enters an access point at the demo's barrier, residents, a card, a plate and permits, through the API as people do. Does
 * nothing where there is an access point already.
 * @returns whether anything was entered
 * @throws Error where the hub refuses, e.g. because the places are not those of the demo
 */
export async function enterDemoResidents(hubUrl: string, password: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  let token = '';
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${hubUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: limit,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  ({ token } = (await call('POST', '/sessions', { name: 'admin', password })) as { token: string });
  try {
    const { items } = (await call('GET', '/access-points')) as { items: unknown[] };
    if (items.length > 0) return false;
    await call('POST', '/access-points', {
      ...{ id: POINT, place: DEMO.place, device: DEMO.barrier, name: { zh: '后勤门（进）', en: 'Service gate, in' } },
      rules: { factorRules: [{ anyOf: [['plate'], ['card'], ['pin']] }] },
    });
    const holderOf = async (path: string, body: unknown): Promise<string> =>
      ((await call('POST', path, body)) as { holder: { id: string } }).holder.id;
    const fang = await holderOf('/holders', { estate: DEMO.estate, name: '王芳', unit: '3-2-501' });
    await call('POST', `/holders/${fang}/credentials`, { factor: 'card', value: '04A23B917C' });
    const car = await holderOf(`/holders/${fang}/vehicles`, { name: '白色轿车', plate: PLATE });
    const qiang = await holderOf('/holders', { estate: DEMO.estate, name: '李强', unit: '5-1-302' });
    await call('POST', `/holders/${qiang}/credentials`, { factor: 'card', value: '04C81D22F0' });
    for (const holder of [fang, car, qiang]) {
      await call('POST', `/holders/${holder}/permits`, { accessPoints: [POINT] });
    }
    return true;
  } finally {
    await call('DELETE', '/sessions/current').catch(() => undefined);
  }
}
