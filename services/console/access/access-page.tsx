import { Select, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading } from '../layout/states.tsx';
import { usePlaceTree } from '../places/use-place-tree.ts';
import styles from './access.module.css';
import { AreaList } from './area-list.tsx';
import { PointList } from './point-list.tsx';
import { ScheduleList } from './schedule-list.tsx';
import { useAccessRulebook } from './use-access.ts';

/** 出入口与时段: by what rules one passes, in plain words. */
export function AccessPage() {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const tree = usePlaceTree();
  const estates = tree.data?.estates ?? [];
  const [chosen, setChosen] = useState<string>();
  const estate = chosen ?? estates[0]?.id;
  const { data: rulebook, error, refetch } = useAccessRulebook(estate);
  const failure = tree.error ?? error;
  const isEmpty = tree.data !== undefined && estate === undefined;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <p className={styles.quiet}>{t('hint')}</p>
        {estates.length > 1 && (
          <Select
            aria-label={t('estate')}
            value={estate}
            onChange={setChosen}
            options={estates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
          />
        )}
      </header>
      {rulebook === undefined && failure === null && !isEmpty && <Loading rows={8} />}
      {rulebook === undefined && failure !== null && (
        <Failure error={failure} onRetry={() => void (tree.error === null ? refetch() : tree.refetch())} />
      )}
      {rulebook !== undefined && estate !== undefined && (
        <Tabs
          key={estate}
          items={[
            {
              key: 'points',
              label: t('tabs.points'),
              children: <PointList estate={estate} rulebook={rulebook} />,
            },
            { key: 'areas', label: t('tabs.areas'), children: <AreaList estate={estate} areas={rulebook.areas} /> },
            {
              key: 'schedules',
              label: t('tabs.schedules'),
              children: <ScheduleList estate={estate} schedules={rulebook.schedules} />,
            },
          ]}
        />
      )}
    </div>
  );
}
