import type { HolderImportReport } from '@dipper/contract/api/holder-import';
import { type ImportFile, MAX_IMPORT_FILE_BYTES } from '@dipper/contract/api/import';
import { Alert, Button, Drawer, Form, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { NARROW, useMedia } from '../layout/use-media.ts';
import { ImportProblems } from '../places/import-problems.tsx';
import { importFileFrom } from '../places/use-import.ts';
import { usePlaceTree } from '../places/use-place-tree.ts';
import { ImportTemplate } from './import-template.tsx';
import styles from './residents.module.css';
import { useImportResidents } from './use-residents.ts';

/** Chooses a file of residents, shows what it would bring, and imports it when that is what was wanted. */
export function ImportDrawer({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('residents');
  const localText = useLocalText();
  const isNarrow = useMedia(NARROW);
  const { data: tree, isPending: isLoading } = usePlaceTree();
  const estates = tree?.estates ?? [];
  const [chosenEstate, setEstate] = useState<string>();
  const estate = chosenEstate ?? (estates.length === 1 ? estates[0]?.id : undefined);
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<ImportFile>();
  const [isTooLarge, setTooLarge] = useState(false);
  const tried = useImportResidents();
  const made = useImportResidents();
  const report = made.data ?? tried.data;
  const isDone = made.data?.outcome === 'imported';
  const isReady = tried.data?.outcome === 'dry-run' && tried.data.changes.length > 0 && made.data === undefined;
  const isBusy = tried.isPending || made.isPending;

  const choose = async (chosen: File | undefined, into: string): Promise<void> => {
    made.reset();
    tried.reset();
    setTooLarge((chosen?.size ?? 0) > MAX_IMPORT_FILE_BYTES);
    if (chosen === undefined || chosen.size > MAX_IMPORT_FILE_BYTES) return;
    const read = await importFileFrom(chosen);
    setFile(read);
    tried.mutate({ estate: into, file: read, dryRun: true });
  };
  return (
    <Drawer open title={t('importTitle')} onClose={onClose} size={isNarrow ? '100%' : 720} mask={{ closable: false }}>
      <p className={styles.quiet}>{t('importHint')}</p>
      <ImportTemplate />
      <Form layout="vertical" className={styles.part ?? ''}>
        <Form.Item label={t('importEstate')} htmlFor="import-estate">
          <Select
            id="import-estate"
            loading={isLoading}
            value={estate ?? null}
            disabled={isBusy || report !== undefined}
            onChange={setEstate}
            options={estates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
          />
        </Form.Item>
      </Form>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.tsv,.txt"
        aria-label={t('importChoose')}
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          // The same file, mended, has to count as another choice.
          event.target.value = '';
          if (estate !== undefined) void choose(chosen, estate);
        }}
      />
      <Button disabled={estate === undefined || isBusy} onClick={() => input.current?.click()}>
        {t(file === undefined ? 'importChoose' : 'importAgain')}
      </Button>
      <div className={styles.report} aria-live="polite">
        {tried.isPending && <p role="status">{t('importChecking')}</p>}
        {isTooLarge && <Alert type="error" showIcon role="alert" title={t('importTooLarge')} />}
        <FormFailure error={made.error ?? tried.error} />
        {isDone && <Alert type="success" showIcon title={t('importDone')} />}
        {report !== undefined && <Report report={report} fileName={file?.name ?? ''} />}
        {isReady && file !== undefined && estate !== undefined && (
          <Button type="primary" size="large" loading={made.isPending} onClick={() => made.mutate({ estate, file })}>
            {t('importStart')}
          </Button>
        )}
        {isDone && (
          <Button type="primary" size="large" onClick={onClose}>
            {t('importClose')}
          </Button>
        )}
      </div>
    </Drawer>
  );
}

const COUNTED = ['residents', 'cards', 'vehicles', 'permits', 'unchanged'] as const;

function Report({ report, fileName }: { readonly report: HolderImportReport; readonly fileName: string }) {
  const { t } = useTranslation('residents');
  const { outcome, rows, encoding, counts, problems, changes } = report;
  const isNothing = outcome === 'nothing' || (outcome === 'dry-run' && changes.length === 0);
  return (
    <>
      <p className={styles.quiet}>
        {t('importFile', { name: fileName, count: rows, encoding: encoding.toUpperCase() })}
      </p>
      <ImportProblems problems={problems} />
      {isNothing && <Alert type="info" showIcon title={t('importNothing')} />}
      {outcome !== 'refused' && !isNothing && (
        <dl className={styles.counts}>
          {COUNTED.map((what) => (
            <div key={what}>
              <dt>{t(`importCounts.${what}`)}</dt>
              <dd>{counts[what]}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
