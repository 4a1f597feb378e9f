/**
 * What devices do against the specification, and what is done about it. A quirk is switched on by the maker and model that a
 * device tells, or by the configuration. Each has a recorded conversation in `test/fixtures/onvif`, which a test plays with
 * and without it.
 */
export const QUIRKS = {
  'absolute-time': {
    what: 'Takes no duration (PT60S) for the end of a subscription, only a point in time.',
    source: 'https://github.com/kerberos-io/onvif/pull/5',
  },
  'own-port': {
    what: 'Names the port it has at home in its addresses, which is another behind a port forwarding.',
    source: 'https://github.com/agsh/onvif/pull/219',
  },
  'no-synchronization': {
    what: 'Refuses SetSynchronizationPoint as unauthorized; asked all the same, some firmware drops the subscription.',
    source: 'https://github.com/home-assistant/core/issues/91089',
  },
  'no-renew': {
    what: 'Answers Renew with HTTP 400; the subscription is made anew before it ends.',
    source: 'https://github.com/mvantellingen/python-zeep/issues/1205',
  },
  'utc-is-local': {
    what: 'Gives its local time as UTC. Its clock is compensated and never set.',
    source: 'https://github.com/OpenIPC/majestic-webui/issues/292',
  },
  'empty-is-false': {
    what: 'Tells the end of motion by a notification without a message.',
    source: 'https://github.com/home-assistant/core/issues/37545',
  },
  'short-pull': {
    what: 'Hangs up on a pull that has waited for ten seconds; it is asked to wait for five.',
    source: 'https://github.com/agsh/onvif/pull/314',
  },
} as const satisfies Record<string, { readonly what: string; readonly source: string }>;

export type Quirk = keyof typeof QUIRKS;
export type Quirks = ReadonlySet<Quirk>;

export const QUIRK_NAMES = Object.keys(QUIRKS) as Quirk[];

interface Profile {
  /** Against manufacturer and model as the device tells them, joined by a space. */
  readonly device: RegExp;
  readonly quirks: readonly Quirk[];
}

/** As narrow as the reports they come from: a device that only resembles one is asked as the specification says. */
const PROFILES: readonly Profile[] = [
  { device: /\bxiongmai\b|\bIPC_XM\d+/i, quirks: ['no-renew'] },
  { device: /\bbosch\b.*\bFLEXIDOME IP turret 3000i/i, quirks: ['no-synchronization'] },
  { device: /\btp-link\b.*\bC(?:125|220)\b/i, quirks: ['short-pull'] },
  { device: /\basecam\b/i, quirks: ['empty-is-false'] },
  { device: /\bOpenIPC\b/i, quirks: ['utc-is-local'] },
];

/** @param configured by name; they come on top of what the device's own words switch on */
export function quirksOf(
  about: { readonly manufacturer?: string | undefined; readonly model?: string | undefined },
  configured: readonly Quirk[] = [],
): Quirks {
  const device = [about.manufacturer, about.model].filter((part) => part !== undefined).join(' ');
  return new Set([...configured, ...PROFILES.flatMap((each) => (each.device.test(device) ? each.quirks : []))]);
}
