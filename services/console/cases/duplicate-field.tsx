import type { CaseBrief } from '@dipper/contract/api/case';
import { Alert, Form, Radio, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';

/** Into which case this one is merged: those that may be about the same thing. */
export function DuplicateField({ duplicates }: { readonly duplicates: readonly CaseBrief[] }) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  if (duplicates.length === 0) return <Alert type="info" showIcon title={t('noDuplicates')} />;
  return (
    <Form.Item name="into" label={t('mergeInto')} rules={[{ required: true, message: t('mergeIntoMissing') }]}>
      <Radio.Group>
        <Space orientation="vertical">
          {duplicates.map(({ id, number, title, state }) => (
            <Radio key={id} value={id}>
              {number} · {localText(title)} · {t(`state.${state}`)}
            </Radio>
          ))}
        </Space>
      </Radio.Group>
    </Form.Item>
  );
}
