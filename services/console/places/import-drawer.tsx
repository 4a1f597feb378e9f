import {
  type ImportFile,
  type ImportReport,
  type ImportRequest,
  MAX_IMPORT_FILE_BYTES,
} from '@dipper/contract/api/import';
import { Alert, Button, Drawer, Radio } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useMedia } from '../layout/use-media.ts';
import { ImportCodes } from './import-codes.tsx';
import { ImportResult } from './import-result.tsx';
import styles from './places-page.module.css';
import { importFileFrom, useImport } from './use-import.ts';

type Missing = NonNullable<ImportRequest['missing']>;

/** Chooses files, shows what they would change, and imports them when that is what was wanted. */
export function ImportDrawer({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('places');
  const errorText = useErrorText();
  const isNarrow = useMedia('(max-width: 899px)');
  const input = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<ImportFile[]>([]);
  const [tooLarge, setTooLarge] = useState<string>();
  const [missing, setMissing] = useState<Missing>('ask');
  const tried = useImport();
  const made = useImport();
  const error = made.error ?? tried.error;
  const failure = error === null ? undefined : errorText(error);

  const choose = async (chosen: readonly File[]): Promise<void> => {
    const large = chosen.find(({ size }) => size > MAX_IMPORT_FILE_BYTES);
    setTooLarge(large?.name);
    made.reset();
    setMissing('ask');
    if (large !== undefined || chosen.length === 0) return;
    const read = await Promise.all(chosen.map(importFileFrom));
    setFiles(read);
    tried.mutate({ files: read, dryRun: true });
  };
  const report: ImportReport | undefined = made.data ?? tried.data;
  const removals = report?.counts.reduce((sum, { removed }) => sum + removed, 0) ?? 0;
  const isDone = made.data?.outcome === 'imported';
  const isReady = tried.data?.outcome === 'dry-run' && tried.data.changes.length > 0 && !isDone;
  const isDecided = removals === 0 || missing !== 'ask';
  return (
    <Drawer open title={t('importTitle')} onClose={onClose} size={isNarrow ? '100%' : 720} mask={{ closable: false }}>
      <p className={styles.quiet}>{t('importHint')}</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".csv,.tsv,.txt,.yaml,.yml,.geojson,.json"
        aria-label={t('choose')}
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          // The same file, mended, has to count as another choice.
          event.target.value = '';
          void choose(chosen);
        }}
      />
      <Button onClick={() => input.current?.click()} disabled={tried.isPending || made.isPending}>
        {files.length === 0 ? t('choose') : t('again')}
      </Button>
      <div className={styles.report} aria-live="polite">
        {tried.isPending && <p role="status">{t('checking')}</p>}
        {tooLarge !== undefined && (
          <Alert type="error" showIcon role="alert" title={t('tooLarge', { name: tooLarge })} />
        )}
        {failure !== undefined && (
          <Alert type="error" showIcon role="alert" title={failure.text} description={failure.reference} />
        )}
        {isDone && <Alert type="success" showIcon title={t('done')} />}
        {made.data !== undefined && made.data.codes.length > 0 && <ImportCodes codes={made.data.codes} />}
        {report !== undefined && <ImportResult report={report} />}
        {isReady && removals > 0 && (
          <fieldset className={styles.decision}>
            <legend>{t('missingTitle', { count: removals })}</legend>
            <Radio.Group
              value={missing}
              onChange={({ target }) => setMissing(target.value as Missing)}
              options={[
                { value: 'keep', label: t('keep') },
                { value: 'remove', label: t('remove') },
              ]}
            />
          </fieldset>
        )}
        {isReady && (
          <Button
            type="primary"
            size="large"
            disabled={!isDecided}
            loading={made.isPending}
            onClick={() => made.mutate({ files, missing })}
          >
            {t('start')}
          </Button>
        )}
        {isDone && (
          <Button type="primary" size="large" onClick={onClose}>
            {t('close')}
          </Button>
        )}
      </div>
    </Drawer>
  );
}
