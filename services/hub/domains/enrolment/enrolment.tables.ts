/** Table of migration 0012. */
export type EnrolmentTables = {
  readonly 'dipper.enrolment': {
    agent: string;
    estate: string;
    code_sha256: Buffer | null;
    code_made_by: string | null;
    code_expires_at: Date | null;
    code_used_at: Date | null;
    password_hash: string | null;
    enrolled_at: Date | null;
    revoked_at: Date | null;
  };
};
