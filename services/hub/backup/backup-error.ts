export type BackupErrorCode =
  | 'BACKUP_DAMAGED'
  | 'BACKUP_TOO_NEW'
  | 'BACKUP_FILE_EXISTS'
  | 'BACKUP_FILE_MISSING'
  | 'BACKUP_PICTURES_MISSING'
  | 'DATABASE_EMPTY'
  | 'DATABASE_NOT_EMPTY';

/** A backup cannot be made or used; the message says why and what to do. */
export class BackupError extends Error {
  readonly code: BackupErrorCode;
  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
    this.code = code;
  }
}
