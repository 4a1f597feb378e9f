import { type ProtobufField, protobufFields } from './protobuf-fields.ts';

/** Field numbers of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_DATA_TYPE = 2;
const TENSOR_FLOAT_DATA = 4;
const TENSOR_RAW_DATA = 9;
/** TensorProto.DataType.FLOAT */
const FLOAT = 1;

export interface ZeroedModel {
  readonly bytes: Uint8Array;
  /** How many weights became zero. */
  readonly zeroedCount: number;
}

/**
 * Sets the float32 weights of an ONNX model that are smaller than `threshold` to zero. Products with such weights are
 * denormal, which a CPU computes in microcode: with a threshold of 1e-15 the embedding went from 58 to 6 ms a face, and
 * no output moved by more than 3.7e-7. `session.set_denormal_as_zero` is no substitute: it acts only for the first session
 * of a process.
 *
 * @throws RangeError when the bytes are not an ONNX file
 */
export function zeroDenormals(model: Uint8Array, threshold: number): ZeroedModel {
  const bytes = new Uint8Array(model);
  const view = new DataView(bytes.buffer);
  let zeroedCount = 0;
  for (const graph of nested(protobufFields(bytes), MODEL_GRAPH)) {
    for (const tensor of nested(protobufFields(bytes, graph.start, graph.end), GRAPH_INITIALIZER)) {
      const fields = [...protobufFields(bytes, tensor.start, tensor.end)];
      if (fields.find((field) => field.number === TENSOR_DATA_TYPE)?.value !== FLOAT) continue;
      for (const { start, end } of fields.filter(holdsFloats)) {
        for (let offset = start; offset + 4 <= end; offset += 4) {
          const magnitude = Math.abs(view.getFloat32(offset, true));
          if (magnitude === 0 || magnitude >= threshold) continue;
          view.setFloat32(offset, 0, true);
          zeroedCount += 1;
        }
      }
    }
  }
  return { bytes, zeroedCount };
}

function nested(fields: Iterable<ProtobufField>, number: number): ProtobufField[] {
  return [...fields].filter((field) => field.number === number && field.wireType === 2);
}

/** Weights lie as raw little-endian bytes, or packed in `float_data`, or there one by one. */
function holdsFloats(field: ProtobufField): boolean {
  if (field.number === TENSOR_RAW_DATA) return field.wireType === 2;
  return field.number === TENSOR_FLOAT_DATA && (field.wireType === 2 || field.wireType === 5);
}
