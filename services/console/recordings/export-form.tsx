import type { DeviceView } from '@dipper/contract/api/inventory';
import { MAX_EXPORT_MS } from '@dipper/contract/api/recording';
import { Button, Form, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { LOCALES } from '../i18n/language.ts';
import { useLanguage, useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { fileNameOf, saveFile } from '../live/snapshot.ts';
import { byteSizeOf } from '../retention/byte-size.ts';
import { useDurationText } from '../time/use-time.ts';
import { RangeFields } from './range-fields.tsx';
import styles from './range-form.module.css';
import { ReasonItem } from './reason-item.tsx';
import { bytesWithin, type Span } from './recorded-spans.ts';
import type { TimeView } from './time-view.ts';
import { type ExportProgress, useExport } from './use-export.ts';

interface ExportFormProps {
  readonly device: DeviceView;
  readonly range: TimeView;
  readonly onRange: (range: TimeView) => void;
  readonly spans: readonly Span[];
  readonly onClose: () => void;
}

/** Takes a part of a recording out of the house: which, what for, how far it has come, and what goes with it. */
export function ExportForm({ device, range, onRange, spans, onClose }: ExportFormProps) {
  const { t } = useTranslation(['recordings', 'shell']);
  const sizeText = useSizeText();
  const durationText = useDurationText();
  const { progress, start, cancel, again } = useExport(device.id);
  const totalBytes = bytesWithin(spans, range);
  const isTooLong = range.untilMs - range.fromMs > MAX_EXPORT_MS;
  const isBusy = progress.kind === 'asking' || progress.kind === 'receiving';
  return (
    <section className={styles.form} aria-label={t('recordings:export.title')}>
      <h2>{t('recordings:export.title')}</h2>
      {progress.kind === 'done' ? (
        <DoneExport device={device} done={progress} onAgain={again} onClose={onClose} />
      ) : (
        <Form<{ reason: string }>
          layout="vertical"
          requiredMark={false}
          className={styles.inner ?? ''}
          onFinish={({ reason }) => start(range, reason.trim())}
        >
          <p className={styles.hint}>{t('recordings:export.hint')}</p>
          <FormFailure error={progress.kind === 'failed' ? progress.error : null} />
          <RangeFields range={range} onRange={onRange} isDisabled={isBusy} />
          <p className={isTooLong || totalBytes === 0 ? styles.wrong : styles.hint}>
            {isTooLong
              ? t('recordings:export.tooLong')
              : totalBytes === 0
                ? t('recordings:export.nothing')
                : t('recordings:export.size', {
                    length: durationText(range.untilMs - range.fromMs),
                    size: sizeText(totalBytes),
                  })}
          </p>
          <ReasonItem label={t('recordings:export.reason')} missing={t('recordings:export.reasonMissing')} />
          <p className={styles.hint}>{t('recordings:export.manifestWhat')}</p>
          {progress.kind === 'cancelled' && <p role="status">{t('recordings:export.cancelled')}</p>}
          {isBusy ? (
            <Receiving progress={progress} totalBytes={totalBytes} onCancel={cancel} />
          ) : (
            <div className={styles.buttons}>
              <Button
                type="primary"
                htmlType="submit"
                disabled={isTooLong || totalBytes === 0 || range.untilMs <= range.fromMs}
              >
                {t('recordings:export.start')}
              </Button>
              <Button onClick={onClose}>{t('shell:close')}</Button>
            </div>
          )}
        </Form>
      )}
    </section>
  );
}

interface ReceivingProps {
  readonly progress: Extract<ExportProgress, { kind: 'asking' | 'receiving' }>;
  readonly totalBytes: number;
  readonly onCancel: () => void;
}

function Receiving({ progress, totalBytes, onCancel }: ReceivingProps) {
  const { t } = useTranslation('recordings');
  const sizeText = useSizeText();
  const gotBytes = progress.kind === 'receiving' ? progress.bytes : 0;
  // The total is an estimate: the end is known only when it has come.
  const percent = Math.min(99, Math.floor((gotBytes / Math.max(1, totalBytes)) * 100));
  return (
    <>
      <Progress percent={percent} status="active" aria-label={t('export.title')} />
      <div className={styles.buttons}>
        <span role="status">
          {progress.kind === 'asking'
            ? t('export.asking')
            : t('export.progress', { got: sizeText(gotBytes), total: sizeText(totalBytes) })}
        </span>
        <Button danger onClick={onCancel}>
          {t('export.cancel')}
        </Button>
      </div>
    </>
  );
}

interface DoneExportProps {
  readonly device: DeviceView;
  readonly done: Extract<ExportProgress, { kind: 'done' }>;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

function DoneExport({ device, done: { made, video }, onAgain, onClose }: DoneExportProps) {
  const { t } = useTranslation(['recordings', 'shell']);
  const localText = useLocalText();
  const sizeText = useSizeText();
  const name = fileNameOf(localText(device.name), Date.parse(made.from), 'mp4');
  return (
    <>
      <p role="status">
        <strong>{t('recordings:export.done', { size: sizeText(video.size) })}</strong>
      </p>
      <p className={styles.hint}>{t('recordings:export.manifestWhat')}</p>
      {made.sha256 !== null && (
        <p className={styles.digest}>
          {t('recordings:export.digest')} {made.sha256}
        </p>
      )}
      <div className={styles.buttons}>
        <Button type="primary" onClick={() => saveFile(video, name)}>
          {t('recordings:export.save')}
        </Button>
        <Button type="primary" href={`/api/v1/exports/${made.id}/manifest`} download={`${name}.manifest.json`}>
          {t('recordings:export.manifest')}
        </Button>
        <Button onClick={onAgain}>{t('recordings:export.another')}</Button>
        <Button onClick={onClose}>{t('shell:close')}</Button>
      </div>
    </>
  );
}

function useSizeText(): (bytes: number) => string {
  const language = useLanguage();
  return (bytes) => byteSizeOf(Math.round(bytes), LOCALES[language]);
}
