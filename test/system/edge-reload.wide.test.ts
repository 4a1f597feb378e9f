import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareAgent } from '../support/agent-process.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { startFakeHub } from '../support/fake-hub.ts';
import { ORIGIN, temporaryFolder } from '../support/open-outbox.ts';
import { AWKWARD_LOGIN, type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';

let broker: EmbeddedBroker;
let street: SimulatedStreet;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
  street = await startSimulatedStreet(['east', 'west', 'north']);
}, 120_000);
afterAll(async () => {
  await street.close();
  await broker.stop();
});

it('a running agent takes up the cameras that changed and lets the others keep their sessions; what is wrong is refused whole', async () => {
  const { signer, camera, save, start, cameraPasswordFile } = prepareAgent(temporaryFolder(), broker, street);
  save([camera('east'), camera('west')]);

  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer });
  const agent = await start();
  const stateOf = (id: string) => hub.deviceStates.findLast(({ device }) => device === id);
  const configured = () => hub.received.filter(({ type }) => type === 'agent.configured').map(({ data }) => data);
  const sessions = (id: string) => street.sessions(id);
  const once = { open: 1, openedEver: 1 };
  for (const id of ['east', 'west']) await eventually(`${id} is online`, () => stateOf(id)?.connection === 'online');

  // One changed, one new; by the file alone.
  save([camera('east'), camera('west', { place: 'yard' }), camera('north')]);
  await eventually('north is online', () => stateOf('north')?.connection === 'online', { withinMs: 20_000 });
  await eventually('west is back', () =>
    sessions('west').every(({ open, openedEver }) => open === 1 && openedEver === 2),
  );
  expect(sessions('east')).toEqual([once, once]);
  expect(configured()).toEqual([{ outcome: 'applied', cameras: { added: ['north'], changed: ['west'], removed: [] } }]);

  // A mistake beside a good change: nothing of it is taken.
  save([camera('east', { place: 'yard' }), camera('west', { place: 'yard' })], { recodings: {} });
  agent.process.kill('SIGHUP');
  const refused = await eventually('the refusal is told', () => configured()[1]);
  expect(refused).toMatchObject({ outcome: 'refused', cause: 'CONFIG_INVALID' });
  expect(refused).toMatchObject({
    message: expect.stringContaining("recodings is not a key; did you mean 'recordings'?"),
  });
  expect(JSON.stringify(refused)).not.toContain(AWKWARD_LOGIN.password);

  // One gone.
  save([camera('east'), camera('west', { place: 'yard' })]);
  agent.process.kill('SIGHUP');
  await eventually('north is let go', () => sessions('north').every(({ open }) => open === 0));
  await eventually('it is told', () => stateOf('north')?.cause === 'CAMERA_NOT_CONFIGURED');
  await eventually('it is on record', () => configured().length === 3);

  // What the agent takes up at its start only.
  save([camera('east')], { outbox: { maxMegabytes: 64 } });
  agent.process.kill('SIGHUP');
  expect(await eventually('it is refused', () => configured()[3])).toMatchObject({ cause: 'CONFIG_NEEDS_RESTART' });

  // A password of one file changed: the configuration looks the same.
  writeFileSync(cameraPasswordFile, 'wrong');
  save([camera('east'), camera('west', { place: 'yard' })]);
  agent.process.kill('SIGHUP');
  await eventually('both are refused', () => ['east', 'west'].every((id) => stateOf(id)?.connection === 'refused'), {
    withinMs: 30_000,
  });
  expect(configured().at(-1)).toMatchObject({ cameras: { changed: ['east', 'west'] } });
  expect(
    sessions('east')
      .concat(sessions('west'))
      .map(({ openedEver }) => openedEver),
  ).toEqual([1, 1, 2, 2]);
  await agent.stop();
  await hub.stop();
}, 120_000);
