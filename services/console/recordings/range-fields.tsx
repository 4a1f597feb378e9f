import { Input } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldFrom, instantFrom } from '../time/site-time.ts';
import styles from './range-form.module.css';
import type { TimeView } from './time-view.ts';

interface RangeFieldsProps {
  readonly range: TimeView;
  readonly onRange: (range: TimeView) => void;
  readonly isDisabled: boolean;
}

/** From when until when, to the second, by the clocks of the estates; the same range has handles on the time line. */
export function RangeFields({ range, onRange, isDisabled }: RangeFieldsProps) {
  const { t } = useTranslation('recordings');
  const id = useId();
  const field = (name: 'from' | 'until', key: 'fromMs' | 'untilMs') => (
    <div>
      <label htmlFor={`${id}-${name}`}>{t(`range.${name}`)}</label>
      <Input
        id={`${id}-${name}`}
        type="datetime-local"
        step={1}
        disabled={isDisabled}
        value={fieldFrom(range[key])}
        onChange={({ target }) => {
          const atMs = instantFrom(target.value);
          if (atMs !== undefined) onRange({ ...range, [key]: atMs });
        }}
      />
    </div>
  );
  return (
    <div className={styles.fields}>
      {field('from', 'fromMs')}
      {field('until', 'untilMs')}
      {range.untilMs <= range.fromMs && (
        <p className={styles.wrong} role="alert">
          {t('range.backwards')}
        </p>
      )}
    </div>
  );
}
