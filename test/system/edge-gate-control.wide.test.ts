import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type GateGround, startGateGround } from '../support/gate-ground.ts';

const QUICK = { travelMs: 100, relayPulseMs: 100 } as const;
const HARDWIRED = { antiCrush: 'hardwired', fireRelease: 'hardwired' } as const;
const LOOPS = [
  { role: 'arm-loop', token: 'input-arm-loop' },
  { role: 'entry-loop', token: 'input-entry-loop' },
  { role: 'exit-loop', token: 'input-exit-loop' },
  { role: 'fire', token: 'input-fire' },
  { role: 'exit-button', token: 'input-exit-button' },
] as const;
/** Long enough for a busy machine to be seen to have done it, short enough to wait for what never comes. */
const NEVER_MS = 800;

let ground: GateGround;

beforeAll(async () => {
  ground = await startGateGround({
    // Opened by a pulse; comes down by itself.
    pulse: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 300 },
      config: { contactToken: 'input-arm-down', heldOpenAfterMs: 1_000, forcedWindowMs: 300 },
    },
    // The same, with its relay on the older service; DeviceIO says yes and does nothing.
    older: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 300, relayService: 'device' },
      config: { contactToken: 'input-arm-down' },
    },
    // Two relays, loops, fire and button.
    lane: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 0, closeRelay: true, loops: true },
      config: {
        ...{ contactToken: 'input-arm-down', relayToken: 'relay-open', closeRelayToken: 'relay-close' },
        ...{ inputs: [...LOOPS], safety: HARDWIRED },
      },
    },
    // Up as long as its relay is; closed by Dipper.
    held: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 0, relayMode: 'bistable', loops: true },
      config: {
        ...{ contactToken: 'input-arm-down', relay: { mode: 'bistable' }, closeAfterMs: 500 },
        ...{ inputs: [{ role: 'arm-loop', token: 'input-arm-loop' }], safety: HARDWIRED },
      },
    },
    // The same with nothing that would see somebody under it.
    sensorless: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 0, relayMode: 'bistable' },
      config: { contactToken: 'input-arm-down', relay: { mode: 'bistable', service: 'deviceio' } },
    },
    // A door with a strike and a sensor on its bolt, for which a loop stands in.
    strike: {
      simulated: { kind: 'barrier', ...QUICK, holdOpenMs: 0, relayMode: 'bistable', loops: true },
      config: {
        ...{ kind: 'door', contactToken: 'input-arm-down', relay: { mode: 'bistable' }, closeAfterMs: 60_000 },
        inputs: [{ role: 'lock', token: 'input-entry-loop' }],
      },
    },
    door: {
      simulated: { kind: 'door', accessTimeMs: 400 },
      config: {
        ...{ kind: 'door', driver: 'door', forcedWindowMs: 300 },
        inputs: [{ role: 'exit-button', token: 'input-exit-button' }],
      },
    },
    vault: {
      simulated: { kind: 'door', accessTimeMs: 400 },
      config: { kind: 'door', driver: 'door', failMode: 'fail-secure', actions: ['open', 'lock', 'release'] },
    },
    // Its lock is seen by nobody, and it is to be locked.
    blind: {
      simulated: { kind: 'door', lockMonitor: false },
      config: { kind: 'door', driver: 'door', actions: ['open', 'lock'] },
    },
    mistaken: {
      simulated: { kind: 'barrier', relayMode: 'bistable' },
      config: { contactToken: 'input-arm-down', relay: { service: 'deviceio' } },
    },
  });
});
afterAll(() => ground.close());

const FAULTS = ['jam', 'lie', 'late-answers', 'repeat-events', 'drop-subscriptions', 'no-clear', 'slow'];
afterEach(async () => {
  for (const device of ['pulse', 'lane', 'held', 'door']) {
    for (const fault of FAULTS) await ground.estate.clearFault(device, fault);
  }
});

const simulated = (device: string) => ground.estate.state.devices.find(({ id }) => id === device);
const isDown = (device: string) => () => simulated(device)?.barrier?.arm === 'down';
const isSeen = (device: string, contact: 'open' | 'closed') => () => ground.driver(device).sight.contact === contact;
const isFollowed = (device: string) => () => ground.driver(device).isFollowed;

describe('a gate says what it can do', () => {
  test('by its configuration', () => {
    expect(ground.driver('pulse').capabilities.actions).toEqual(['open']);
    expect(ground.driver('lane').capabilities).toMatchObject({ actions: ['open', 'close'], seesPassage: true });
    expect(ground.driver('held').capabilities.actions).toEqual(['open', 'hold-open', 'close', 'release']);
    expect(ground.driver('strike').capabilities.actions).toEqual(['open', 'hold-open', 'close', 'lock', 'release']);
    expect(ground.driver('door').capabilities.actions).toEqual([
      ...['open', 'hold-open', 'close', 'lock', 'block', 'release'],
    ]);
  });

  test('and what it cannot is refused unasked', async () => {
    expect(await ground.command('pulse', 'lock')).toMatchObject({ ok: false, code: 'GATE_COMMAND_UNSUPPORTED' });
    expect(await ground.command('door', 'close')).toMatchObject({ ok: true });
  });

  test('a door that cannot show what it is to do, and a relay that is another than configured, say so', () => {
    expect(ground.state('blind')).toMatchObject({ cause: 'GATE_ACTION_MISSING', position: 'unknown' });
    expect(ground.state('mistaken')).toMatchObject({ cause: 'GATE_RELAY_MISMATCH' });
  });
});

describe('commands, seen to be obeyed', () => {
  test('a barrier opens by a pulse', async () => {
    const outcome = await ground.command('pulse', 'open');
    expect(outcome).toMatchObject({ ok: true, position: 'open' });
    const opened = ground.events('gate.state', 'pulse').find(({ data }) => data.contact === 'open');
    expect(opened?.correlation).toBe(outcome.id);
    await eventually('the arm is down', isSeen('pulse', 'closed'));
  });

  test('of two services that speak of one relay, the one that moves it is found by the first command', async () => {
    expect(await ground.command('older', 'open')).toMatchObject({ ok: true, position: 'open' });
    await eventually('the arm is down', isSeen('older', 'closed'));
    expect(await ground.command('older', 'open')).toMatchObject({ ok: true, position: 'open' });
  });

  test('a door is accessed, held open, closed, locked down, blocked and released', async () => {
    expect(await ground.command('door', 'open')).toMatchObject({ ok: true, lock: 'unlocked' });
    await eventually('it locks again', () => ground.driver('door').sight.lock === 'locked');
    expect(await ground.command('door', 'hold-open')).toMatchObject({ ok: true, hold: 'held-open', lock: 'unlocked' });
    expect(await ground.command('door', 'open')).toMatchObject({ ok: true, hold: 'held-open' });
    expect(await ground.command('door', 'close')).toMatchObject({ ok: true, hold: 'normal', lock: 'locked' });
    expect(await ground.command('door', 'hold-open')).toMatchObject({ ok: true });
    expect(await ground.command('door', 'release')).toMatchObject({ ok: true, hold: 'normal' });
    expect(await ground.command('door', 'lock')).toMatchObject({ ok: true, hold: 'locked' });
    expect(await ground.command('door', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED', lock: 'locked' });
    expect(await ground.command('door', 'release')).toMatchObject({ ok: true, hold: 'normal' });
    expect(await ground.command('door', 'block')).toMatchObject({ ok: true, hold: 'blocked' });
    expect(await ground.command('door', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED' });
    expect(await ground.command('door', 'release')).toMatchObject({ ok: true, hold: 'normal', lock: 'locked' });
  });

  test('a strike is locked only once its bolt is seen to be shot, and stays so until it is released', async () => {
    expect(await ground.command('strike', 'lock', NEVER_MS)).toMatchObject({ code: 'GATE_COMMAND_UNCONFIRMED' });
    const locking = ground.command('strike', 'lock');
    ground.estate.setInput('strike', 'entry-loop', { active: true });
    expect(await locking).toMatchObject({ ok: true, lock: 'locked', hold: 'locked' });
    expect(await ground.command('strike', 'open')).toMatchObject({ code: 'GATE_LOCKED' });
    expect(await ground.command('strike', 'release')).toMatchObject({ ok: true, hold: 'normal' });
  });

  test('what a door tells of itself is recorded: tampering, its own alarm, the button on the way out', async () => {
    ground.estate.setInput('door', 'tamper', { active: true });
    ground.estate.force('door');
    const topics = () => ground.events('onvif.event', 'door').map(({ data }) => data.topic);
    await eventually('both', () =>
      ['tns1:Door/State/DoorTamper', 'tns1:Door/State/DoorAlarm'].every((topic) => topics().includes(topic)),
    );
    await eventually('forced', () => ground.events('gate.forced', 'door').some(({ data }) => data.phase === 'started'));
    ground.estate.closeBarrier('door');
    const forced = () => ground.events('gate.forced', 'door').length;
    await eventually('closed', () => ground.events('gate.forced', 'door').at(-1)?.data.phase === 'ended');
    const before = forced();

    ground.estate.setInput('door', 'exit-button', { active: true });
    ground.estate.setInput('door', 'leaf', { active: true });
    await eventually('the button', () => ground.events('input.changed', 'door').length === 1);
    expect(ground.inputs).toContainEqual({ device: 'door', role: 'exit-button', isActive: true });
    ground.estate.setInput('door', 'leaf', { active: false });
    ground.estate.setInput('door', 'exit-button', { active: false });
    await eventually('the button again', () => ground.events('input.changed', 'door').length === 2);
    expect(forced()).toBe(before);
  });
});

describe('faults', () => {
  test.each([
    ['pulse', 'jam'],
    ['pulse', 'lie'],
    ['door', 'jam'],
    ['door', 'lie'],
  ])('%s with %s: answered "ok" and not moved', async (device, fault) => {
    await ground.estate.setFault(device, fault);
    const outcome = await ground.command(device, 'open', NEVER_MS);
    expect(outcome).toMatchObject({ ok: false, code: 'GATE_COMMAND_UNCONFIRMED' });
    expect(outcome.position).not.toBe('open');
    const told = ground.events('gate.command-unconfirmed', device).at(-1);
    expect(told).toMatchObject({ correlation: outcome.id, data: { action: 'open', position: outcome.position } });
  });

  test('an arm that jams on its way down is no closed gate', async () => {
    expect(await ground.command('lane', 'open')).toMatchObject({ ok: true });
    await ground.estate.setFault('lane', 'jam');
    // Its sensor is asked first, which a busy machine may take a second for.
    const outcome = await ground.command('lane', 'close', 2_500);
    expect(outcome).toMatchObject({ ok: false, code: 'GATE_COMMAND_UNCONFIRMED', position: 'open' });
    expect(ground.events('gate.command-unconfirmed', 'lane').at(-1)).toMatchObject({
      ...{ correlation: outcome.id, data: { action: 'close', position: 'open' } },
    });
    await ground.estate.clearFault('lane', 'jam');
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true, position: 'closed' });
  });

  test('one that answers late is believed for what it does', async () => {
    await ground.estate.setFault('pulse', 'late-answers', { delayMs: 600 });
    // What it has told by then may be that it is down again.
    const outcome = await ground.command('pulse', 'open');
    expect(outcome).toMatchObject({ ok: true });
    const states = ground.events('gate.state', 'pulse').filter(({ correlation }) => correlation === outcome.id);
    expect(states.some(({ data }) => data.contact === 'open')).toBe(true);
    await ground.estate.clearFault('pulse', 'late-answers');
    await eventually('the arm is down', isSeen('pulse', 'closed'));
  });

  test('one that says everything three times is heard once', async () => {
    const opened = () => ground.events('gate.state', 'pulse').filter(({ data }) => data.contact === 'open').length;
    await ground.estate.setFault('pulse', 'repeat-events', { times: 3 });
    const before = opened();
    expect(await ground.command('pulse', 'open')).toMatchObject({ ok: true });
    await eventually('the arm is down', isSeen('pulse', 'closed'));
    // Open, open with the relay active, and open with it fallen back.
    expect(opened() - before).toBeLessThanOrEqual(3);
  });

  test('one that drops the subscription is told nothing that nobody would see', async () => {
    await ground.estate.setFault('pulse', 'drop-subscriptions');
    await eventually('it is lost', () => !ground.driver('pulse').isFollowed);
    expect(await ground.command('pulse', 'open', 300)).toMatchObject({ ok: false, code: 'GATE_UNREACHABLE' });
    expect(simulated('pulse')?.barrier?.arm).toBe('down');
    await ground.estate.clearFault('pulse', 'drop-subscriptions');
    await eventually('it is there again', isFollowed('pulse'), { withinMs: 20_000 });
    expect(await ground.command('pulse', 'open')).toMatchObject({ ok: true });
    await eventually('the arm is down', isSeen('pulse', 'closed'));
  });

  test('a slow controller delays no other gate', async () => {
    await ground.estate.setFault('lane', 'slow', { delayMs: 3_000 });
    let isSlowDone = false;
    const slow = ground.command('lane', 'open', 8_000).then(() => {
      isSlowDone = true;
    });
    expect(await ground.command('door', 'open')).toMatchObject({ ok: true });
    expect(isSlowDone).toBe(false);
    await ground.estate.clearFault('lane', 'slow');
    await slow;
    await eventually('the lane is followed', isFollowed('lane'), { withinMs: 20_000 });
    await eventually('it is open', isSeen('lane', 'open'));
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });
  });
});

describe('the safety of a barrier', () => {
  test('it comes down when its sensor says that nothing is there, and not on a vehicle', async () => {
    expect(await ground.command('lane', 'open')).toMatchObject({ ok: true });
    ground.estate.setInput('lane', 'arm-loop', { active: true });
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: false, code: 'GATE_NOT_CLEAR' });
    ground.estate.setInput('lane', 'arm-loop', { active: false });
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true, position: 'closed' });
    expect(simulated('lane')?.barrier?.toldToCloseOnVehicle).toBe(0);
  });

  test('a vehicle passes on its grant, two on one are told', async () => {
    const first = await ground.command('lane', 'open');
    await ground.estate.drive('lane', { stepMs: 200 });
    await eventually('the passage', () => ground.passages.some(({ correlation }) => correlation === first.id));
    expect(ground.passages.at(-1)).toMatchObject({ device: 'lane', direction: 'in' });
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });
    expect(ground.events('gate.tailgated', 'lane')).toEqual([]);

    const second = await ground.command('lane', 'open');
    await ground.estate.drive('lane', { vehicles: 2, stepMs: 200 });
    await eventually('the tailgating', () => ground.events('gate.tailgated', 'lane').length === 1);
    expect(ground.events('gate.tailgated', 'lane')[0]).toMatchObject({
      correlation: second.id,
      data: { vehicles: 2, grant: second.id },
    });
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });
  });

  test('one vehicle of which everything is told three times is one vehicle', async () => {
    await ground.estate.setFault('lane', 'repeat-events', { times: 3 });
    const told = ground.events('gate.tailgated', 'lane').length;
    const grant = await ground.command('lane', 'open');
    await ground.estate.drive('lane', { stepMs: 200 });
    // What came after it has been told as well, three times.
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });
    expect(ground.passages.filter(({ correlation }) => correlation === grant.id)).toHaveLength(1);
    expect(ground.events('gate.tailgated', 'lane')).toHaveLength(told);
  });

  test('a sensor that does not tell that nothing is there keeps it open, by command and by itself', async () => {
    await ground.estate.setFault('held', 'no-clear');
    expect(await ground.command('held', 'open')).toMatchObject({ ok: true });
    // By hand; by itself it is to close half a second after it has opened, and the sensor is asked for longer than that.
    expect(await ground.command('held', 'close')).toMatchObject({ ok: false, code: 'GATE_CLEARANCE_STALE' });
    expect(simulated('held')?.barrier).toMatchObject({ relay: 'active', arm: 'up' });
    await ground.estate.clearFault('held', 'no-clear');
    await eventually('it is closed by itself', isDown('held'));
  });

  test('without a sensor it is closed neither by command nor by itself', async () => {
    expect(ground.driver('sensorless').capabilities).toMatchObject({ actions: ['open'], closesItself: false });
    expect(await ground.command('sensorless', 'open')).toMatchObject({ ok: true });
    expect(await ground.command('sensorless', 'close')).toMatchObject({ code: 'GATE_COMMAND_UNSUPPORTED' });
    // One that has a sensor is opened after it, and is down again.
    expect(await ground.command('held', 'open')).toMatchObject({ ok: true });
    await eventually('the other is closed by itself', isDown('held'));
    expect(simulated('sensorless')?.barrier).toMatchObject({ relay: 'active', arm: 'up' });
  });

  test('its wired exit button is recorded, opens it past Dipper, and is no force', async () => {
    await eventually('the arm is down', isSeen('lane', 'closed'));
    const told = () => ground.events('input.changed', 'lane');
    const [before, forced] = [told().length, ground.events('gate.forced', 'lane').length];
    ground.estate.setInput('lane', 'exit-button', { active: true });
    await eventually('it is open', isSeen('lane', 'open'));
    ground.estate.setInput('lane', 'exit-button', { active: false });
    await eventually('the button twice', () => told().length === before + 2);
    expect(told().slice(before)).toMatchObject([
      { data: { connector: 'exit-button', active: true } },
      { data: { connector: 'exit-button', active: false } },
    ]);
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });
    expect(ground.events('gate.forced', 'lane')).toHaveLength(forced);
  });

  test('held by its relay it is closed after a passage, once nothing stands under it', async () => {
    ground.estate.setInput('held', 'arm-loop', { active: true });
    expect(await ground.command('held', 'open')).toMatchObject({ ok: true });
    // It is asked again every second; meanwhile a command by hand is refused, too.
    expect(await ground.command('held', 'close')).toMatchObject({ code: 'GATE_NOT_CLEAR' });
    ground.estate.setInput('held', 'arm-loop', { active: false });
    await eventually('it is closed by itself', isDown('held'));
    expect(simulated('held')?.barrier?.toldToCloseOnVehicle).toBe(0);

    expect(await ground.command('held', 'hold-open')).toMatchObject({ ok: true, hold: 'held-open' });
    expect(await ground.command('held', 'release')).toMatchObject({ ok: true, position: 'closed', hold: 'normal' });
  });

  test('in a fire nothing is closed, locked or blocked, at no gate; it is told when it begins and when it is over', async () => {
    expect(await ground.command('lane', 'open')).toMatchObject({ ok: true });
    for (const device of ['door', 'vault']) {
      expect(await ground.command(device, 'lock')).toMatchObject({ ok: true, hold: 'locked' });
    }
    ground.estate.setInput('lane', 'fire', { active: true });
    const fire = await eventually('the alarm', () =>
      ground.events('fire.alarm', 'lane').find(({ data }) => data.phase === 'started'),
    );
    for (const [device, action] of [
      ['lane', 'close'],
      ['door', 'lock'],
      ['door', 'block'],
      ['door', 'close'],
    ] as const) {
      expect(await ground.command(device, action)).toMatchObject({ ok: false, code: 'GATE_FIRE_ALARM' });
    }
    // A lock ends where whoever is behind it has to get out, and nowhere else.
    expect(simulated('door')?.door).toMatchObject({ mode: 'LockedDown', lock: 'Locked' });
    expect(await ground.command('door', 'open')).toMatchObject({ ok: true, lock: 'unlocked', hold: 'normal' });
    expect(await ground.command('vault', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED', lock: 'locked' });
    expect(await ground.command('vault', 'release')).toMatchObject({ ok: true, hold: 'normal' });
    expect(await ground.command('vault', 'open')).toMatchObject({ ok: true, lock: 'unlocked' });
    ground.estate.setInput('lane', 'fire', { active: false });
    const over = await eventually('its end', () =>
      ground
        .events('fire.alarm', 'lane')
        .find(({ data, occurredAtMs }) => data.phase === 'ended' && occurredAtMs >= fire.occurredAtMs),
    );
    expect(over.data.since).toBe(fire.data.since);
    expect(await ground.command('lane', 'close')).toMatchObject({ ok: true });

    expect(await ground.command('door', 'block')).toMatchObject({ ok: true, hold: 'blocked' });
    ground.estate.setInput('lane', 'fire', { active: true });
    await eventually('the alarm again', () => ground.driver('door').isFire);
    expect(await ground.command('door', 'hold-open')).toMatchObject({ ok: true, hold: 'held-open' });
    ground.estate.setInput('lane', 'fire', { active: false });
    await eventually('its end', () => !ground.driver('door').isFire);
    expect(await ground.command('door', 'release')).toMatchObject({ ok: true, hold: 'normal' });
  });

  test('one that is propped open is told, and told again when it is closed', async () => {
    await eventually('the arm is down', isSeen('pulse', 'closed'));
    const told = () => ground.events('gate.held-open', 'pulse');
    const before = told().length;
    ground.estate.force('pulse');
    const started = await eventually('held open', () => told().at(before));
    expect(started.data.phase).toBe('started');
    ground.estate.closeBarrier('pulse');
    const ended = await eventually('closed', () => told().at(before + 1));
    expect(ended.data).toEqual({ phase: 'ended', since: started.data.since });
  });
});
