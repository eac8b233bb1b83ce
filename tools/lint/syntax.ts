/**
 * Questions about syntax nodes that the lint rules ask: what an identifier stands for, what a
 * member access is called, which fixed text an expression holds.
 */

type Node = Deno.lint.Node;
type Context = Deno.lint.RuleContext;

/** Where an identifier is only a name, by parent type: keys of the parent that hold it. */
const NAME_KEYS: Readonly<Record<string, readonly string[]>> = {
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  ExportSpecifier: ["exported", "local"],
  ImportSpecifier: ["imported"],
  LabeledStatement: ["label"],
  MemberExpression: ["property"],
  MethodDefinition: ["key"],
  Property: ["key"],
  PropertyDefinition: ["key"],
  TSCallSignatureDeclaration: ["params"],
  TSConstructSignatureDeclaration: ["params"],
  TSConstructorType: ["params"],
  TSFunctionType: ["params"],
  TSIndexSignature: ["parameters"],
  TSMethodSignature: ["key", "params"],
  TSPropertySignature: ["key"],
  TSQualifiedName: ["right"],
};

/** Where an identifier declares something, in the same form. */
const DECLARATION_KEYS: Readonly<Record<string, readonly string[]>> = {
  ArrayPattern: ["elements"],
  ArrowFunctionExpression: ["params"],
  AssignmentPattern: ["left"],
  CatchClause: ["param"],
  ClassDeclaration: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ImportDefaultSpecifier: ["local"],
  ImportNamespaceSpecifier: ["local"],
  ImportSpecifier: ["local"],
  Property: ["value"],
  RestElement: ["argument"],
  TSTypeAliasDeclaration: ["id"],
  TSInterfaceDeclaration: ["id"],
  VariableDeclarator: ["id"],
};

/** Visitors that flag each use of a global, unless the file declares something of that name. */
export function globalUses(
  names: ReadonlySet<string>,
  flag: (node: Node, name: string) => void,
): Deno.lint.LintVisitor {
  const uses: Deno.lint.Identifier[] = [];
  const declared = new Set<string>();
  return {
    Identifier(node) {
      if (!names.has(node.name)) return;
      const role = roleOf(node);
      if (role === "declaration") declared.add(node.name);
      if (role === "use") uses.push(node);
    },
    "Program:exit"() {
      for (const node of uses) if (!declared.has(node.name)) flag(node, node.name);
    },
  };
}

function roleOf(node: Deno.lint.Identifier): "name" | "declaration" | "use" {
  const parent = node.parent as Node;
  const fields = parent as unknown as Record<string, unknown>;
  const holds = (key: string): boolean => {
    const value = fields[key];
    return value === node || (Array.isArray(value) && value.includes(node));
  };
  if (NAME_KEYS[parent.type]?.some(holds) && fields.computed !== true) return "name";
  const inPattern = parent.type !== "Property" || parent.parent.type === "ObjectPattern";
  return DECLARATION_KEYS[parent.type]?.some(holds) && inPattern ? "declaration" : "use";
}

/** The dotted name of a member access such as `Date.now`, without a leading `globalThis`. */
export function memberName(node: Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return "?";
  const { object, property, computed } = node;
  const own = !computed && property.type === "Identifier"
    ? property.name
    : property.type === "Literal"
    ? String(property.value)
    : "?";
  return `${memberName(object)}.${own}`.replace(/^globalThis\./, "");
}

/** Whether a member access goes through `globalThis`. */
export function isOfGlobalThis(node: Deno.lint.MemberExpression): boolean {
  return node.object.type === "Identifier" && node.object.name === "globalThis";
}

/** Whether an expression names a class of errors. */
export function isErrorName(node: Node): boolean {
  return memberName(node).endsWith("Error");
}

/** The pieces of fixed text in an expression, in order; empty text where it ends in a value. */
export function textParts(node: Node): string[] {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? [node.value] : [""];
    case "TemplateLiteral":
      return node.quasis.map((quasi) => quasi.cooked);
    case "BinaryExpression":
      return node.operator === "+" ? [...textParts(node.left), ...textParts(node.right)] : [""];
    case "TaggedTemplateExpression":
      return textParts(node.quasi);
    default:
      return [""];
  }
}

/** The texts that an expression may be: both branches of a condition, else itself. */
export function choices(node: Node): Node[] {
  return node.type === "ConditionalExpression"
    ? [...choices(node.consequent), ...choices(node.alternate)]
    : [node];
}

/** The class that a node stands in, if any. */
export function enclosingClass(
  node: Node,
  context: Context,
): Deno.lint.ClassDeclaration | Deno.lint.ClassExpression | undefined {
  return context.sourceCode.getAncestors(node).findLast((ancestor) =>
    ancestor.type === "ClassDeclaration" || ancestor.type === "ClassExpression"
  );
}
