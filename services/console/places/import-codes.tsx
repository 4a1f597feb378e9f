import { DownloadOutlined } from '@ant-design/icons';
import type { ImportReport } from '@dipper/contract/api/import';
import { Alert, Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Codes of new staff: too many to copy by hand, so they go into a file. */
export function ImportCodes({ codes }: { readonly codes: ImportReport['codes'] }) {
  const { t } = useTranslation('places');
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    // With a byte order mark, or a Chinese Excel takes names for GBK.
    const lines = codes.map(({ name, code }) => `${name},${code}`).join('\r\n');
    const made = URL.createObjectURL(new Blob([`\uFEFFname,code\r\n${lines}\r\n`], { type: 'text/csv' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [codes]);
  return (
    <Alert
      type="warning"
      showIcon
      title={t('codesTitle')}
      description={t('codesHint')}
      action={
        <Button href={address ?? ''} download="codes.csv" icon={<DownloadOutlined />}>
          {t('download')}
        </Button>
      }
    />
  );
}
