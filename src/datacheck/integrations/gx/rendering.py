"""How the expectations read in Data Docs."""

from collections.abc import Sequence
from typing import Any, ClassVar

from great_expectations.render.components import LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer
from great_expectations.render.renderer_configuration import RendererConfiguration, RendererValueType

from ...finding import Finding

_SENTENCES = {
    "std_survives": "must have a standard deviation that $precision survives, in batches of $batch_size.",
    "scales_comparable": "All numeric features must have comparable scales.",
    "labels_mixed": "Labels must be mixed across batches of $batch_size rows.",
    "distribution_matches": "must be distributed as in the profile $profile ($profile_digest).",
    "contract_holds": "The table must match the normalization contract $contract ($contract_digest).",
}
_FAILS = " Fails from severity $fail_on on."


def observed(findings: Sequence[Finding]) -> str:
    """The findings in one line, for the column "observed value".

    >>> observed([])
    'nothing found'
    """
    if not findings:
        return "nothing found"
    return "; ".join(f"{f.severity.value} {f.checker}: {f.message}" for f in findings)


class Rendered:
    """Renders an expectation in Data Docs as a sentence, with its notes."""

    question: ClassVar[str]

    @classmethod
    def _prescriptive_template(
        cls, renderer_configuration: RendererConfiguration[Any]
    ) -> RendererConfiguration[Any]:
        """The sentence of GX Cloud and of `render()`."""
        for name, value in _params(renderer_configuration.kwargs).items():
            renderer_configuration.add_param(name=name, param_type=RendererValueType.STRING, value=value)
        renderer_configuration.template_str = _sentence(cls.question, renderer_configuration.kwargs)
        return renderer_configuration

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None, **more: Any
    ) -> list[Any]:
        """The sentence of a Data Docs page; the configuration comes by itself or within the result."""
        kwargs = (configuration or result.expectation_config).kwargs
        template = {
            "template": _sentence(cls.question, kwargs),
            "params": _params(kwargs),
            "styling": {"default": {"classes": ["badge", "badge-secondary"]}},
        }
        return [RenderedStringTemplateContent(content_block_type="string_template", string_template=template)]


def _params(kwargs: dict[str, Any]) -> dict[str, str]:
    defaults = {"fail_on": "error", "precision": "float32", "batch_size": 32, "column": "Every feature"}
    given = {key: value for key, value in kwargs.items() if value is not None}
    known = {"profile_digest": "any content", "contract_digest": "any content", **defaults, **given}
    return {key: str(value) for key, value in known.items()}


def _sentence(question: str, kwargs: dict[str, Any]) -> str:
    sentence = _SENTENCES[question]
    return f"{sentence if sentence[0].isupper() else f'$column {sentence}'}{_FAILS}"
