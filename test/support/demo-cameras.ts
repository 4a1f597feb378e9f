import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, parse, parseDocument } from 'yaml';
import { DEMO } from '../../services/standalone/demo-files.ts';
import { AWKWARD_LOGIN, type SimulatedStreet } from './simulated-street.ts';

const PLACES = fileURLToPath(new URL('../../config/places.yaml', import.meta.url));

/** The sample's places, with these cameras of the demo's agent at one of them. */
export function placesWithCameras(cameras: readonly string[], place: string): Document {
  const places = parseDocument(readFileSync(PLACES, 'utf8'));
  for (const id of cameras) {
    places.addIn(['devices'], { id, agent: DEMO.agent, place, kind: 'camera', name: { zh: '摄像机', en: id } });
  }
  return places;
}

/** Gives the agent of a demo that runs all cameras of a street besides its own; it takes them up within some seconds. */
export function addCameras(dataDir: string, street: SimulatedStreet, place: string, capture: { faces: boolean }): void {
  const file = join(dataDir, 'edge/edge.yaml');
  const passwordFile = join(dataDir, 'secrets/camera-password');
  writeFileSync(passwordFile, AWKWARD_LOGIN.password, { mode: 0o600 });
  const edge = parseDocument(readFileSync(file, 'utf8'));
  for (const { id, onvif: url } of street.estate.state.devices) {
    const onvif = { url, username: AWKWARD_LOGIN.username, passwordFile };
    edge.addIn(['cameras'], { id, place, onvif, capture });
  }
  writeFileSync(`${file}.new`, edge.toString(), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Where the demo's own devices are told what to do. */
export function controlOf(dataDir: string): string {
  const { controlPort } = parse(readFileSync(join(dataDir, 'simulator/simulator.yaml'), 'utf8')) as {
    controlPort: number;
  };
  return `http://127.0.0.1:${controlPort}`;
}
