import { Form, Input } from 'antd';

/** Limit of the contract's Reason. */
const MAX_REASON = 512;

/** The reason that goes on record, as a field of a form. */
export function ReasonItem({ label, missing }: { readonly label: string; readonly missing: string }) {
  return (
    <Form.Item name="reason" label={label} rules={[{ required: true, whitespace: true, min: 2, message: missing }]}>
      <Input maxLength={MAX_REASON} autoComplete="off" />
    </Form.Item>
  );
}
