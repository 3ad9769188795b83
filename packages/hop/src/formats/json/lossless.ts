// JSON without loss: exact digits in, Python's form out.
export { pythonFloat } from './number.ts';
export { type JsonValue, type ParseOptions, parseJson, parseMember } from './parse.ts';
export { quote, type WriteOptions, writeJson, writeMember } from './write.ts';
