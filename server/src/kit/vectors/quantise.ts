/**
 * A vector as one signed byte a dimension and a scale: `code[i] * scale` is `vector[i]`, off by half a scale at most. A
 * quarter of the memory, and what the scan multiplies fastest.
 */
export type QuantisedVector = { code: Int8Array; scale: number };

const largestCode = 127;

export const quantise = (vector: Float32Array): QuantisedVector => {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  // a vector of zeros is like nothing, and must not divide by zero
  const scale = largest === 0 ? 1 : largest / largestCode;
  return { code: Int8Array.from(vector, (value) => Math.round(value / scale)), scale: Math.fround(scale) };
};

const scaleBytes = 4;

/** As it is stored: the scale as a 32-bit float, little-endian, then the bytes. */
export const packQuantised = ({ code, scale }: QuantisedVector): Uint8Array => {
  const packed = new Uint8Array(scaleBytes + code.length);
  new DataView(packed.buffer).setFloat32(0, scale, true);
  packed.set(new Uint8Array(code.buffer, code.byteOffset, code.length), scaleBytes);
  return packed;
};

/** Of what `packQuantised` has made, from its length alone. */
export const dimensionsOfPacked = (sizeBytes: number): number => sizeBytes - scaleBytes;

/** Shares the bytes of `packed`. */
export const unpackQuantised = (packed: Uint8Array): QuantisedVector => ({
  scale: new DataView(packed.buffer, packed.byteOffset, scaleBytes).getFloat32(0, true),
  code: new Int8Array(packed.buffer, packed.byteOffset + scaleBytes, packed.length - scaleBytes),
});

const floatBytes = 4;

/** The exact numbers as they are stored: 32-bit floats, little-endian. */
export const packFloats = (vector: Float32Array): Uint8Array => {
  const packed = new Uint8Array(vector.length * floatBytes);
  const view = new DataView(packed.buffer);
  for (const [at, value] of vector.entries()) view.setFloat32(at * floatBytes, value, true);
  return packed;
};

export const unpackFloats = (packed: Uint8Array): Float32Array => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return Float32Array.from({ length: Math.floor(packed.length / floatBytes) }, (_, at) =>
    view.getFloat32(at * floatBytes, true),
  );
};

/** The product of two vectors of one length: the cosine, where both are of length one. */
export const dotProduct = (left: Float32Array, right: Float32Array): number => {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += left[at]! * right[at]!;
  return sum;
};
