/** Server reflection: clients such as grpcurl ask the server for its messages and services. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as HEALTH_PROTO } from 'grpc-health-check';
import protobuf from 'protobufjs';
import descriptor, { type IDescriptorProto, type IFileDescriptorProto } from 'protobufjs/ext/descriptor.js';

/** From build/src/coordinator/ in a checkout and in the published package alike. */
const OWN_PROTOS = fileURLToPath(new URL('../../../proto', import.meta.url));
const FILES = ['bitgibbs/v1/chain.proto', 'bitgibbs/v1/worker.proto'];

/**
 * protobufjs writes one file a package, names types as seen from where they are used, calls the entries of maps as it
 * likes and leaves out what a file imports; other libraries refuse that. Here names are made whole.
 */
class FileMender {
  readonly #imported = new Set<string>();

  constructor(
    private readonly file: IFileDescriptorProto,
    private readonly root: protobuf.Root,
    private readonly all: readonly IFileDescriptorProto[],
  ) {}

  mend(): IFileDescriptorProto {
    const { file } = this;
    const scope = `.${file.package}`;
    for (const message of file.messageType ?? []) this.#message(message, scope);
    for (const method of (file.service ?? []).flatMap((service) => service.method ?? [])) {
      method.inputType = this.#wholeName(method.inputType!, scope);
      method.outputType = this.#wholeName(method.outputType!, scope);
    }
    file.dependency = [...this.#imported];
    return file;
  }

  #message(message: IDescriptorProto, scope: string): void {
    const own = `${scope}.${message.name}`;
    for (const entry of message.nestedType ?? []) {
      if (!entry.options?.mapEntry) this.#message(entry, own);
      else this.#mapEntry(message, entry, own);
    }
    for (const field of message.field ?? []) {
      if (field.typeName) field.typeName = this.#wholeName(field.typeName, own);
    }
  }

  /** The entry of a map field `statuses` is a message StatusesEntry. */
  #mapEntry(message: IDescriptorProto, entry: IDescriptorProto, own: string): void {
    const mapField = (message.field ?? []).find(({ typeName }) => typeName === entry.name);
    entry.name = `${entry.name}Entry`;
    if (mapField) mapField.typeName = `${own}.${entry.name}`;
    for (const field of entry.field ?? []) {
      if (field.typeName) field.typeName = this.#wholeName(field.typeName, own);
    }
  }

  #wholeName(name: string, scope: string): string {
    if (name.startsWith('.')) return name;
    const { fullName } = (this.root.lookup(scope) as protobuf.Namespace).lookup(name)!;
    const home = this.all.find((file) => fullName.startsWith(`.${file.package}.`))!;
    if (home !== this.file) this.#imported.add(home.name!);
    return fullName;
  }
}

function descriptors(): IFileDescriptorProto[] {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    target.startsWith('bitgibbs/') ? join(OWN_PROTOS, target) : target;
  root.loadSync([...FILES, HEALTH_PROTO], { keepCase: true });
  root.resolveAll();
  const all = root.toDescriptor('proto3').file ?? [];
  return all.map((file) => new FileMender(file, root, all).mend());
}

export function addReflection(server: Server): void {
  const fileDescriptorProtos = descriptors().map((file) =>
    Buffer.from(descriptor.FileDescriptorProto.encode(file).finish()),
  );
  // Of a package definition, nothing else is looked at.
  new ReflectionService({ all: { fileDescriptorProtos } } as never).addToServer(server);
}
