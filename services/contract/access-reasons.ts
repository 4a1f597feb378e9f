/**
 * Why a request was denied, in the order in which an edge looks. The codes are stable: rules, reports and the console go by
 * them.
 */
export const DENIAL_REASONS = [
  /** No policy has ever been taken up here. */
  'POLICY_MISSING',
  'ACCESS_POINT_UNKNOWN',
  'ACCESS_POINT_OUT_OF_ORDER',
  /** Too many wrong PINs at this access point; even a right one is refused for a while. */
  'PIN_LOCKED',
  /** A QR pass whose signature, form or estate is wrong. */
  'PASS_INVALID',
  'PASS_NOT_YET_VALID',
  'PASS_EXPIRED',
  'PASS_NOT_HERE',
  'CREDENTIAL_UNKNOWN',
  /** Several holders have this value (a PIN), and nothing besides says which of them it is. */
  'CREDENTIAL_AMBIGUOUS',
  'CREDENTIAL_BLOCKED',
  'HOLDER_BLOCKED',
  /** The policy's time is over, and the access point says that this holder does not get in then. */
  'POLICY_EXPIRED',
  /** No rule of this access point is on at this hour. */
  'ACCESS_POINT_CLOSED',
  /** A rule is on, and it takes other factors. */
  'FACTOR_NOT_ACCEPTED',
  /** The second factor belongs to somebody else. */
  'FACTORS_DIFFER',
  /** The second factor did not come in time. */
  'FACTOR_MISSING',
  'PERMIT_MISSING',
  'PERMIT_NOT_HERE',
  'PERMIT_NOT_YET_VALID',
  'PERMIT_EXPIRED',
  'OUTSIDE_SCHEDULE',
  'USES_SPENT',
  'ANTI_PASSBACK',
  'OCCUPANCY_FULL',
  /** Another door of the group is not closed, or nobody knows. */
  'INTERLOCK',
  /** What has to be on disk before the gate opens could not be put there. */
  'MEMORY_UNWRITABLE',
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** Why a request was granted. */
export const GRANT_REASONS = [
  'PERMITTED',
  /** The policy's time is over; the access point lets residents in all the same. */
  'PERMITTED_POLICY_EXPIRED',
  /** Against anti-passback, which only warns here. */
  'PERMITTED_ANTI_PASSBACK',
] as const;
export type GrantReason = (typeof GRANT_REASONS)[number];
