import type { Role } from '@dipper/contract/api/session';

/**
 * Who does what, in one place. `admin` runs the system and stands in for everybody in a small estate; `auditor` reads
 * and never acts; `grid-worker` works on cases outside and sees what leads to them, but neither live pictures, nor
 * captured faces, nor the raw record of events.
 */
type Roles = readonly [Role, ...Role[]];

/** Work on the street: alarms, incidents, cases, devices and places. */
export const EVERYBODY: Roles = ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin', 'auditor'];
/** The raw record of what was seen, and the edges themselves. */
export const RECORD_READERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'];
/** The desk in the security room and those who lead it. */
export const ALARM_HANDLERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Who answers for devices and rules: takes them out of service and returns them. */
export const SERVICE_KEEPERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** Which step in which state is for whom is the case's own rule; an auditor takes none. */
export const CASE_WORKERS: Roles = ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin'];
/** Who judges cases and gives them out. */
export const CASE_DISPATCHERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** Who can be given a case, accepts and handles it. */
export const CASE_HANDLERS: Roles = ['grid-worker', 'admin'];
/** Figures and files about many cases. */
export const CASE_REVIEWERS: Roles = ['dispatcher', 'supervisor', 'admin', 'auditor'];
/** Who can own a case that nobody brings to an end (包案). */
export const CASE_LEADERS: Roles = ['supervisor', 'admin'];
export const LIVE_VIEWERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Recordings: what there is of a camera, and a look at it. */
export const PLAYBACK_VIEWERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Who keeps footage from being deleted; it costs room on an edge's disk. */
export const EVIDENCE_KEEPERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** Who takes footage out of the system as a file, and who lets evidence go. */
export const EXPORTERS: Roles = ['supervisor', 'admin'];
/** Captured faces: asked for with a reason, every look on record. */
export const FACE_VIEWERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Who looks at the alarm rules, and who makes and changes them. */
export const RULE_READERS: Roles = ['dispatcher', 'supervisor', 'admin', 'auditor'];
export const RULE_KEEPERS: Roles = ['supervisor', 'admin'];
export const ADMINS: Roles = ['admin'];
/** What is kept, how long, and the proof that it is gone. */
export const RETENTION_READERS: Roles = ['supervisor', 'admin', 'auditor'];
export const AUDIT_READERS: Roles = ['auditor', 'admin'];
/** The guard's hand on a gate: open, hold open, lock, close, release. */
export const GATE_OPERATORS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Who has residents refused whose credentials are good. */
export const GATE_BLOCKERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** Who turns a camera is who watches it. */
export const CAMERA_TURNERS: Roles = LIVE_VIEWERS;
/** What a camera remembers is there for everybody who turns it. */
export const PRESET_KEEPERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** Residents, their credentials and permits: personal data, looked up at the gate, and every look on record. */
export const HOLDER_READERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'];
export const HOLDER_KEEPERS: Roles = ['dispatcher', 'supervisor', 'admin'];
/** A lost card or somebody who must not pass cannot wait for the office to open. */
export const HOLDER_BLOCKERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Who lets visitors in. */
export const PASS_ISSUERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin'];
/** Access points, areas and schedules: by what rules one passes. */
export const ACCESS_READERS: Roles = ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'];
export const ACCESS_KEEPERS: Roles = ['supervisor', 'admin'];
