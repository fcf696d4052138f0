// SPDX-License-Identifier: MIT
// GitHub's own parser of workflows and actions, as one function each. Its package imports JSON files
// without the attribute that Node.js wants, so they are given as modules.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

registerHooks({
    load(url, context, next) {
        if (!url.endsWith('.json') || !url.includes('@actions')) return next(url, context);
        const source = `export default ${readFileSync(fileURLToPath(url), 'utf8')}`;
        return { format: 'module', source, shortCircuit: true };
    },
});
const at = (path) => import(`../.deps/node_modules/@actions/workflow-parser/dist/${path}.js`);
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await at('index');
const { convertActionTemplate, parseAction } = await at('actions/index');

const messages = (context) => context.errors.getErrors().map((error) => error.message);

// {errors, template} of an action.yml.
export function readAction(content) {
    const { context, value } = parseAction({ name: 'action.yml', content }, new NoOperationTraceWriter());
    const template = value ? convertActionTemplate(context, value) : undefined;
    return { errors: messages(context), template };
}

// {errors, template} of a workflow; workflows that it calls are looked for in `others`, by path.
export async function readWorkflow(name, content, others = {}) {
    const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
    if (!value) return { errors: messages(context) };
    const files = {
        getFileContent: async ({ path }) => {
            if (!(path in others)) throw new Error(`there is no ${path}`);
            return { name: path, content: others[path] };
        },
    };
    const options = { errorPolicy: 1, fetchReusableWorkflowDepth: 1 };
    const template = await convertWorkflowTemplate(context, value, files, options);
    const ofJobs = (template.errors ?? []).map((error) => error.Message);
    return { errors: [...new Set([...messages(context), ...ofJobs])], template };
}
