import { createDocumentParser } from '../document/create-document-parser.ts';
import { probeIsolation } from '../document/sandbox.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

/** Whether the process that reads documents can be started here, and what keeps it from the network. */
export const checkDocuments = async (): Promise<Finding> => {
  const isolation = await probeIsolation();
  const documents = createDocumentParser({ isolation, processes: 1 });
  try {
    const bytes = Buffer.from('A document.');
    await documents.parse({ workspaceId: null, format: 'text', bytes, name: null, url: null });
    return isolation === 'namespace'
      ? fact('documents are read in a process without files and without a network')
      : warning(
          'documents are read in a process that is kept from the network by Node alone: allow this user to make namespaces (unshare -rn), or trust what is uploaded',
        );
  } catch {
    return problem(
      "the process that reads documents cannot be started: look at the permissions of the program's files",
    );
  } finally {
    await documents.close();
  }
};
