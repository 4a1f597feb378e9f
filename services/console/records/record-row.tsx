import type { AccessRecordStep, AccessRecordView } from '@dipper/contract/api/access-record';
import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useReasonText } from '../i18n/use-reason-text.ts';
import { Moment } from '../time/moment.tsx';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './records.module.css';

interface RecordRowProps {
  readonly record: AccessRecordView;
  /** As the reader's language calls it; undefined where all records are of one gate. */
  readonly gateName: string | undefined;
}

/** One request from beginning to end. */
export function RecordRow({ record, gateName }: RecordRowProps) {
  const { t } = useTranslation(['records', 'access']);
  const localText = useLocalText();
  const reasonText = useReasonText();
  const { at, outcome, reason, factors, accessPoint, accessPointName, passage, steps, policyVersion } = record;
  const isDenied = outcome === 'denied';
  const point = accessPointName === null ? accessPoint : localText(accessPointName);
  const isKnownToBeOpen = !isDenied && passage === null;
  return (
    <li className={styles.row} data-outcome={outcome}>
      <span className={styles.when}>
        <Moment at={at} />
        <span className={styles.quiet}>{[gateName, point].filter((part) => part !== undefined).join(' · ')}</span>
      </span>
      <span className={styles.who}>
        <Who record={record} />
        <span className={styles.quiet}>{factors.map((factor) => t(`access:factor.${factor}`)).join(' + ')}</span>
      </span>
      <span className={styles.what}>
        <span>
          <Tag color={isDenied ? 'error' : 'success'}>{t(`records:${outcome}`)}</Tag>
          {!isDenied && t(`records:passage.${isKnownToBeOpen ? 'unknown' : (passage ?? 'unknown')}`)}
        </span>
        {reason !== 'PERMITTED' && <span>{reasonText(reason)}</span>}
        {steps.length > 0 && (
          <details className={styles.details}>
            <summary>{t('records:details')}</summary>
            <ol>
              {steps.map((step) => (
                <Step key={`${step.at} ${step.what} ${step.position}`} step={step} />
              ))}
            </ol>
            {policyVersion !== null && (
              <p className={styles.quiet}>{t('records:policyVersion', { version: policyVersion })}</p>
            )}
          </details>
        )}
      </span>
    </li>
  );
}

function Who({ record: { holder, factors } }: { readonly record: AccessRecordView }) {
  const { t } = useTranslation(['records', 'residents']);
  if (holder === null) {
    return (
      <strong>{t(factors.every((factor) => factor === 'button') ? 'records:nobody' : 'records:unknownHolder')}</strong>
    );
  }
  const { name, unit, kind, blocked } = holder;
  return (
    <strong>
      {name} {unit}
      {kind !== 'resident' && ` · ${t(`residents:kind.${kind}`)}`}{' '}
      {blocked && <Tag color="error">{t('records:blocked')}</Tag>}
    </strong>
  );
}

function Step({ step }: { readonly step: AccessRecordStep }) {
  const { t } = useTranslation('records');
  const formats = useTimeFormats();
  const codeText = useCodeText();
  const { at, what, reader, position, by, cause } = step;
  const besides = [
    reader === null ? undefined : t('reader', { reader }),
    by === null ? undefined : t(`seenBy.${by}`),
    cause === null ? undefined : codeText(cause),
  ].filter((part) => part !== undefined);
  return (
    <li>
      <time dateTime={at}>{formats.clock(Date.parse(at))}</time>
      <span>
        {t(`what.${what}`, { position: t(`position.${position ?? 'unknown'}`) })}
        {besides.length > 0 && <span className={styles.quiet}> · {besides.join(' · ')}</span>}
      </span>
    </li>
  );
}
