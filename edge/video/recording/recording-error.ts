/** Why something is not recorded, or cannot be played, and what to do next. The codes are stable and fit for `cause`. */
const MESSAGES = {
  DISK_FULL: 'The disk of the recordings is full and nothing on it may go. Free space, or release evidence locks.',
  DISK_READ_ONLY: 'The disk of the recordings is read-only. Check it (fsck), then mount it writable.',
  DISK_MISSING:
    'The folder of the recordings is not the one they were written to: its disk is not mounted. Mount it; if it was replaced, put an empty file named dipper-new-disk there.',
  DISK_SLOW: 'The disk of the recordings takes longer to write than the camera to film. Pictures are being lost.',
  DISK_FAILED: 'The disk of the recordings refuses to write. See the log for its error.',
  RECORDING_DAMAGED: 'A recorded segment breaks its format.',
} as const;

export type RecordingErrorCode = keyof typeof MESSAGES;

/** Something wrong with recordings. `detail` names the place, never content. */
export class RecordingError extends Error {
  readonly code: RecordingErrorCode;

  constructor(code: RecordingErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const { detail, cause } = options;
    super(detail === undefined ? MESSAGES[code] : `${MESSAGES[code]} (${detail})`, { cause });
    this.name = 'RecordingError';
    this.code = code;
  }
}

/** Codes of the operating system that say what is wrong with a disk; the rest is DISK_FAILED. */
const SYSTEM_CODES: Readonly<Record<string, RecordingErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'DISK_READ_ONLY',
  EACCES: 'DISK_READ_ONLY',
  EPERM: 'DISK_READ_ONLY',
  ENOENT: 'DISK_MISSING',
  ENOTDIR: 'DISK_MISSING',
  ESTALE: 'DISK_MISSING',
  ENODEV: 'DISK_MISSING',
};

/** What an error of the file system means for recordings. */
export function diskError(error: unknown): RecordingError {
  if (error instanceof RecordingError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new RecordingError(SYSTEM_CODES[code] ?? 'DISK_FAILED', { cause: error });
}

/** Whether something thrown is one of these, with this code if one is given. */
export function isRecordingError(error: unknown, code?: RecordingErrorCode): error is RecordingError {
  return error instanceof RecordingError && (code === undefined || error.code === code);
}
