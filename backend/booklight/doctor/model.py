"""Whether the model answers: imported only when it is to be asked, since the agent's libraries take seconds."""

from agents import Agent, Runner
from openai import APIStatusError

from booklight.llm.failures import FAILURES
from booklight.llm.models import connect_model
from booklight.settings import Settings

MODEL_SECONDS = 30.0


async def ask_model(settings: Settings) -> str | None:
    """Make one tiny request; return why it failed, without what the server says of the key."""
    model = connect_model(settings, seconds=MODEL_SECONDS)
    agent = Agent(name="doctor", instructions="Answer with one word.")
    try:
        run = Runner.run_streamed(agent, "Say yes.", run_config=model.run_config, max_turns=1)
        async for _ in run.stream_events():
            pass
    except APIStatusError as error:
        return f"status {error.status_code}"
    except FAILURES as error:
        return type(error).__name__
    finally:
        await model.close()
    return None
