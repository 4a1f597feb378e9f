import type { Role, Session } from '@dipper/contract/api/session';

/**
 * What the page offers to whom. The hub decides; this only keeps the page from offering what would be refused.
 * `admin` stands in for everybody in a small estate, `auditor` reads and never acts.
 */
const PERMISSIONS = {
  acknowledge: ['guard', 'dispatcher', 'supervisor', 'admin'],
  shelve: ['guard', 'dispatcher', 'supervisor', 'admin'],
  regroup: ['guard', 'dispatcher', 'supervisor', 'admin'],
  takeOutOfService: ['dispatcher', 'supervisor', 'admin'],
  readFigures: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  writeHandover: ['guard', 'dispatcher', 'supervisor', 'admin'],
  watchLive: ['guard', 'dispatcher', 'supervisor', 'admin'],
  playRecordings: ['guard', 'dispatcher', 'supervisor', 'admin'],
  lockEvidence: ['dispatcher', 'supervisor', 'admin'],
  releaseEvidence: ['supervisor', 'admin'],
  exportRecordings: ['supervisor', 'admin'],
  operateGates: ['guard', 'dispatcher', 'supervisor', 'admin'],
  blockGates: ['dispatcher', 'supervisor', 'admin'],
  readCommands: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  keepPresets: ['dispatcher', 'supervisor', 'admin'],
  readConsents: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  keepConsents: ['dispatcher', 'supervisor', 'admin'],
  useConsents: ['guard', 'dispatcher', 'supervisor', 'admin'],
  fileAssessments: ['supervisor', 'admin'],
  readHolders: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  keepHolders: ['dispatcher', 'supervisor', 'admin'],
  blockHolders: ['guard', 'dispatcher', 'supervisor', 'admin'],
  readAccess: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  keepAccess: ['supervisor', 'admin'],
  forgive: ['guard', 'dispatcher', 'supervisor', 'admin'],
  readRecords: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  readPasses: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  issuePasses: ['guard', 'dispatcher', 'supervisor', 'admin'],
  viewCapture: ['guard', 'dispatcher', 'supervisor', 'admin'],
  reportCases: ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin'],
  reviewCases: ['dispatcher', 'supervisor', 'admin', 'auditor'],
  dispatchCases: ['dispatcher', 'supervisor', 'admin'],
  readAgents: ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  readRules: ['dispatcher', 'supervisor', 'admin', 'auditor'],
  manageRules: ['supervisor', 'admin'],
  readPlaces: ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin', 'auditor'],
  importPlaces: ['admin'],
  readRetention: ['supervisor', 'admin', 'auditor'],
  manageAccounts: ['admin'],
  manageEdges: ['admin'],
  manageIntegrations: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** Whether somebody with this session may do something. */
export function isAllowed(session: Session, permission: Permission): boolean {
  const roles: readonly Role[] = PERMISSIONS[permission];
  return session.account.roles.some((role) => roles.includes(role));
}

/** Where the page starts: those who only work outside have no use for the desk. */
export function startPathOf(session: Session): string {
  const { roles } = session.account;
  return roles.length > 0 && roles.every((role) => role === 'grid-worker') ? '/cases?scope=mine' : '/';
}
