import type { RetentionView } from '@dipper/contract/api/retention';
import { useTranslation } from 'react-i18next';
import { LOCALES } from '../i18n/language.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import { byteSizeOf } from './byte-size.ts';
import styles from './retention-page.module.css';

/** One class of data. */
export function ClassRow({ view }: { readonly view: RetentionView }) {
  const { t } = useTranslation('retention');
  const language = useLanguage();
  const { keepDays, compressAfterDays, oldestAt, bytes, lastRunAt, nextRunAt, lastError } = view;
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <span className={styles.name}>{t(`classes.${view.class}`)}</span>
        <span className={styles.quiet}>{view.reason[language]}</span>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>{t('keep')}</dt>
          <dd>
            {t('days', { count: keepDays })}
            {compressAfterDays !== null && (
              <span className={styles.quiet}>{t('compressed', { count: compressAfterDays })}</span>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('oldest')}</dt>
          <dd>{oldestAt === null ? t('nothing') : <Moment at={oldestAt} as="absolute" />}</dd>
        </div>
        <div>
          <dt>{t('size')}</dt>
          <dd>{bytes === null ? t('unknown') : byteSizeOf(bytes, LOCALES[language])}</dd>
        </div>
        <div>
          <dt>{t('run')}</dt>
          <dd>
            {lastRunAt === null ? t('never') : <Moment at={lastRunAt} as="relative" />}
            {nextRunAt !== null && (
              <span className={styles.quiet}>
                {t('next')} <Moment at={nextRunAt} as="relative" />
              </span>
            )}
          </dd>
        </div>
      </dl>
      {lastError !== null && (
        <p className={styles.problem} role="alert">
          {t('failed', { reason: lastError })}
        </p>
      )}
    </li>
  );
}
