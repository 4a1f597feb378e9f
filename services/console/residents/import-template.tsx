import { DownloadOutlined } from '@ant-design/icons';
import { HOLDER_IMPORT_COLUMNS } from '@dipper/contract/api/holder-import';
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/use-language.ts';
import styles from './residents.module.css';

/** What reads the same in both languages. */
const SAME = { unit: '3-2-501', cards: '04A23B91;04A23B92', schedule: '', until: '2027-12-31' } as const;

/** What a file of residents looks like, and an empty one to begin with. */
export function ImportTemplate() {
  const { t } = useTranslation('residents');
  const language = useLanguage();
  const example = {
    ...SAME,
    name: t('importExampleRow.name'),
    plates: t('importExampleRow.plates'),
    access_points: t('importExampleRow.access_points'),
  };
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const head = HOLDER_IMPORT_COLUMNS.map(({ name, chinese }) => (language === 'zh' ? chinese : name)).join(',');
    // With a byte order mark, or a Chinese Excel takes it for GBK.
    const made = URL.createObjectURL(new Blob([`\uFEFF${head}\r\n`], { type: 'text/csv' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [language]);
  return (
    <>
      <div className={styles.example}>
        <table aria-label={t('importExample')}>
          <thead>
            <tr>
              {HOLDER_IMPORT_COLUMNS.map(({ name }) => (
                <th key={name} scope="col">
                  {t(`importColumns.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              {HOLDER_IMPORT_COLUMNS.map(({ name }) => (
                <td key={name}>{example[name]}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      <Button href={address ?? ''} download="residents.csv" icon={<DownloadOutlined />}>
        {t('importTemplate')}
      </Button>
    </>
  );
}
