import { SLUG_PATTERN } from '@dipper/contract/identifiers';
import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './access.module.css';

/** Id and names in both languages. @param isNew an id is given once */
export function NameFields({ isNew }: { readonly isNew: boolean }) {
  const { t } = useTranslation('access');
  const needed = [{ required: true, whitespace: true, message: t('missing') }];
  return (
    <>
      {isNew && (
        <Form.Item
          name="id"
          label={t('id')}
          extra={t('idHint')}
          rules={[{ required: true, pattern: new RegExp(SLUG_PATTERN), message: t('idInvalid') }]}
        >
          <Input autoComplete="off" spellCheck={false} autoCapitalize="none" maxLength={63} />
        </Form.Item>
      )}
      <div className={styles.pair}>
        <Form.Item name="zh" label={t('nameZh')} rules={needed}>
          <Input autoComplete="off" maxLength={80} />
        </Form.Item>
        <Form.Item name="en" label={t('nameEn')} rules={needed}>
          <Input autoComplete="off" maxLength={80} />
        </Form.Item>
      </div>
    </>
  );
}
