import { ApartmentOutlined, ImportOutlined } from '@ant-design/icons';
import type { PlaceTree } from '@dipper/contract/api/place-tree';
import { Button, Collapse } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { CommunityPlaces } from './community-places.tsx';
import { ImportDrawer } from './import-drawer.tsx';
import styles from './places-page.module.css';
import { usePlaceTree } from './use-place-tree.ts';

/** 人员与网格: what lies in what, and who is on duty there. */
export function PlacesPage() {
  const { t } = useTranslation('places');
  const { data: tree, error, refetch } = usePlaceTree();
  const mayImport = useAllowed('importPlaces');
  const [isImporting, setImporting] = useState(false);
  if (tree === undefined) {
    return error === null ? <Loading rows={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  const counts = { communities: tree.communities.length, grids: tree.grids.length, estates: tree.estates.length };
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <span className={styles.quiet}>{t('summary', counts)}</span>
        {mayImport && (
          <Button
            className={styles.import ?? ''}
            type="primary"
            icon={<ImportOutlined />}
            onClick={() => setImporting(true)}
          >
            {t('import')}
          </Button>
        )}
      </header>
      {counts.communities === 0 ? (
        <Notice title={t('empty')} hint={t('emptyHint')} icon={<ApartmentOutlined />} />
      ) : (
        <Subdistricts tree={tree} />
      )}
      {isImporting && <ImportDrawer onClose={() => setImporting(false)} />}
    </div>
  );
}

function Subdistricts({ tree }: { readonly tree: PlaceTree }) {
  const { t } = useTranslation('places');
  const localText = useLocalText();
  return tree.subdistricts.map((subdistrict) => {
    const communities = tree.communities.filter((each) => each.subdistrict === subdistrict.id);
    const items = communities.map((community) => {
      const grids = tree.grids.filter((each) => each.community === community.id);
      const estates = tree.estates.filter((each) => each.community === community.id);
      return {
        key: community.id,
        label: (
          <span className={styles.community}>
            <span className={styles.name}>{localText(community.name)}</span>
            <span className={styles.quiet}>
              {t('communityCounts', { grids: grids.length, estates: estates.length })}
            </span>
          </span>
        ),
        children: <CommunityPlaces grids={grids} estates={estates} />,
      };
    });
    return (
      <section key={subdistrict.id} className={styles.subdistrict}>
        <h2>{localText(subdistrict.name)}</h2>
        <Collapse items={items} defaultActiveKey={communities.length === 1 ? communities.map(({ id }) => id) : []} />
      </section>
    );
  });
}
