/** Why a request at a gate was granted or denied: every code of the contract's access-reasons.ts. */
export const reasons = {
  POLICY_MISSING: 'The edge has no access policy yet, so nobody is let through. Check its connection to the hub.',
  ACCESS_POINT_UNKNOWN:
    'The access policy does not have this access point. Switch it on under Access points and hours.',
  ACCESS_POINT_OUT_OF_ORDER: 'This access point is set out of order.',
  PIN_LOCKED: 'Too many wrong PINs: locked for a while. Cards and the like are not affected.',
  PASS_INVALID: 'The QR code is not valid: not issued by this estate, or altered.',
  PASS_NOT_YET_VALID: 'The visitor’s pass is not valid yet.',
  PASS_EXPIRED: 'The visitor’s pass has expired.',
  PASS_NOT_HERE: 'The visitor’s pass is not for this access point.',
  CREDENTIAL_UNKNOWN: 'This card, plate, PIN or code is not registered.',
  CREDENTIAL_AMBIGUOUS:
    'Several people have this PIN, so nobody knows who it is. Add a card, or give them another PIN.',
  CREDENTIAL_BLOCKED: 'This card, plate or PIN is blocked.',
  HOLDER_BLOCKED: 'This person or vehicle is blocked.',
  POLICY_EXPIRED:
    'The edge has not heard from the hub for long and its policy has expired; this holder does not pass then.',
  ACCESS_POINT_CLOSED: 'This access point is closed at this hour.',
  FACTOR_NOT_ACCEPTED: 'This access point does not take that at this hour.',
  FACTORS_DIFFER: 'The two credentials belong to different people.',
  FACTOR_MISSING: 'Two factors are needed, and the second did not come in time.',
  PERMIT_MISSING: 'Registered, but without any permit.',
  PERMIT_NOT_HERE: 'The permit is not for this access point.',
  PERMIT_NOT_YET_VALID: 'The permit is not valid yet.',
  PERMIT_EXPIRED: 'The permit has expired.',
  OUTSIDE_SCHEDULE: 'Outside the hours of the permit.',
  USES_SPENT: 'As often as allowed has been used up.',
  ANTI_PASSBACK:
    'Anti-passback: by the record this person is inside already (or has left), and the credential does not count twice.',
  OCCUPANCY_FULL: 'There are as many inside as are allowed.',
  INTERLOCK: 'Interlock: another gate of the group is not closed, or nobody knows.',
  MEMORY_UNWRITABLE: 'The edge could not write down the use, so it did not open. Check its disk.',
  PERMITTED: 'Permitted.',
  PERMITTED_POLICY_EXPIRED: 'The policy has expired; by the rules residents pass all the same.',
  PERMITTED_ANTI_PASSBACK: 'Against anti-passback, which lets through here and notes it.',
  unknown: 'reason code {{code}}',
} as const;
